package analyze

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// goroutine is one goroutine of a trace in text form: the function that it starts with, the stack where it waits, outermost
// first, and whether a test made it.
type goroutine struct {
	name  string
	start string
	await []string
	test  bool
	want  string
}

const goroot = "/usr/local/go/src/"

// frameText is a frame of a function of the standard library, of a module, or of the program (package app).
func frameText(function string) string {
	file := goroot + "x.go"
	switch {
	case strings.HasPrefix(function, "app."):
		file = "/app/app.go"
	case strings.Contains(function, ".com/") || strings.Contains(function, ".io/") || strings.Contains(function, ".in/"):
		file = "/home/me/go/pkg/mod/x@v1/x.go"
	}
	short := function[strings.LastIndexByte(function, '/')+1:]
	return file + ":7:" + short + ":" + function
}

func build(t *testing.T, lines ...string) *Run {
	t.Helper()
	src, err := tracefile.ReadText(strings.NewReader(strings.Join(lines, "\n") + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return must(t, src, Options{})
}

func must(t *testing.T, src tracefile.Source, o Options) *Run {
	t.Helper()
	run, err := Build(src, o)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// text writes the trace of one goroutine that waits in the end.
func (g goroutine) text() []string {
	frames := make([]string, 0, len(g.await))
	for _, f := range g.await {
		frames = append(frames, frameText(f))
	}
	lines := []string{
		"looptrace 1",
		"0 process_started pid=10 ppid=9 runtime=go1.26.8 recorder=runtime/trace argv=[\"./app\"] cwd=/app stdlib=[\"/usr/local/go/src\"]",
		"0 loop_opened loop=1 class=goroutines",
		"10 task_spawned thread=1 task=1 loop=1 at=" + frameText("testing.(*T).Run") + " coro=testing.tRunner def=" + frameText("testing.tRunner"),
		"20 step_begun thread=1 task=1",
	}
	if g.test {
		lines = append(lines, `20 test_begun thread=1 task=1 runner=go\stest name=TestA`)
	}
	chain := "-"
	if len(frames) > 0 {
		chain = strings.Join(frames, ",")
	}
	return append(lines,
		"30 task_spawned thread=1 task=2 loop=1 at="+frameText("app.Run")+" coro="+g.start+" def="+frameText(g.start),
		"40 step_begun thread=2 task=2",
		"=chain 1 state=suspended on=select "+chain,
		"50 step_ended thread=2 task=2 chain=1",
	)
}

func TestKnownGoroutines(t *testing.T) {
	for _, g := range []goroutine{
		{name: "main", start: "runtime.main", await: []string{"runtime.main", "app.main"}},
		{name: "a coroutine of iter.Pull", start: "runtime.corostart", await: []string{"app.seq"}},
		{name: "garbage collector", start: "runtime.bgsweep", await: []string{"runtime.bgsweep"}, want: "runtime"},
		{name: "garbage collector, stack unknown", start: "runtime.gcBgMarkWorker", want: "runtime"},
		{name: "finalizer of the program", start: "runtime.runFinalizers", await: []string{"runtime.runFinalizers", "app.free"}},
		{name: "trace", start: "runtime/trace.(*traceMultiplexer).startLocked.func1", await: []string{"runtime.chanrecv1"}, want: "runtime"},
		{name: "worker", start: "app.work", await: []string{"app.work", "runtime.chanrecv1"}},
		{name: "test that waits for its subtests", start: "testing.tRunner", await: []string{"testing.tRunner", "testing.(*T).Run", "runtime.chanrecv1"}, want: "testing"},
		{name: "test that hangs", start: "testing.tRunner", await: []string{"testing.tRunner", "app.TestA", "runtime.chanrecv1"}},
		{name: "signals", start: "os/signal.loop", await: []string{"os/signal.loop", "os/signal.signal_recv"}, want: "os/signal"},
		{name: "signal context", start: "os/signal.NotifyContext.func1", await: []string{"os/signal.NotifyContext.func1", "runtime.selectgo"}, want: "os/signal context"},
		{name: "signal context in a test", start: "os/signal.NotifyContext.func1", await: []string{"os/signal.NotifyContext.func1", "runtime.selectgo"}, test: true},
		{name: "idle connection", start: "net/http.(*persistConn).readLoop", await: []string{"net/http.(*persistConn).readLoop", "bufio.(*Reader).Peek", "internal/poll.(*FD).Read"}, test: true, want: "net/http idle connection"},
		{name: "body not closed", start: "net/http.(*persistConn).readLoop", await: []string{"net/http.(*persistConn).readLoop", "runtime.selectgo"}},
		{name: "idle connection, writer", start: "net/http.(*persistConn).writeLoop", await: []string{"net/http.(*persistConn).writeLoop", "runtime.selectgo"}, want: "net/http idle connection"},
		{name: "server connection", start: "net/http.(*conn).serve", await: []string{"net/http.(*conn).serve", "bufio.(*Reader).Peek"}, want: "net/http server connection"},
		{name: "handler that waits", start: "net/http.(*conn).serve", await: []string{"net/http.(*conn).serve", "app.handle", "runtime.chanrecv1"}},
		{name: "server", start: "net/http/httptest.(*Server).goServe.func1", await: []string{"net/http.(*Server).Serve", "net.(*TCPListener).Accept"}},
		{name: "lookup", start: "net.(*Resolver).lookupIPAddr.func1", await: []string{"net.(*Resolver).lookupIPAddr.func1"}, want: "net dial and lookup"},
		{name: "sql", start: "database/sql.(*DB).connectionOpener", await: []string{"database/sql.(*DB).connectionOpener", "runtime.selectgo"}, want: "database/sql"},
		{name: "rows not closed", start: "database/sql.(*Rows).awaitDone", await: []string{"database/sql.(*Rows).awaitDone", "runtime.selectgo"}},
		{name: "context of a foreign parent", start: "context.(*cancelCtx).propagateCancel.func2", await: []string{"context.(*cancelCtx).propagateCancel.func2"}},
		{name: "klog", start: "k8s.io/klog/v2.(*flushDaemon).run.func1", await: []string{"k8s.io/klog/v2.(*flushDaemon).run.func1", "runtime.selectgo"}, want: "glog and klog"},
		{name: "signals of Ginkgo", start: "github.com/onsi/ginkgo/v2/internal/interrupt_handler.(*InterruptHandler).registerForInterrupts.func2", await: []string{"runtime.selectgo"}, test: true, want: "ginkgo"},
		{name: "a method of the same name elsewhere", start: "example.com/klog.(*flushDaemon).run.func1", await: []string{"runtime.selectgo"}},
	} {
		t.Run(g.name, func(t *testing.T) {
			run := build(t, g.text()...)
			if got := run.Tasks[1].Known; got != g.want {
				t.Errorf("%s is known as %q, want %q", g.start, got, g.want)
			}
		})
	}
}

func TestKnownGoroutinesAreDocumented(t *testing.T) {
	for _, k := range KnownGoroutines() {
		if k.Name == "" || k.Covers == "" || k.Why == "" || len(k.Starts) == 0 {
			t.Errorf("incomplete: %+v", k)
		}
	}
}

func TestFolding(t *testing.T) {
	worker := goroutine{start: "example.com/pool.(*Pool).work", await: []string{"example.com/pool.(*Pool).work", "runtime.chanrecv1"}}
	system := goroutine{start: "runtime.bgsweep", await: []string{"runtime.bgsweep"}}
	for _, c := range []struct {
		name string
		g    goroutine
		f    Folding
		want string
	}{
		{"own, by start", worker, Folding{Own: []string{"example.com/pool.(*Pool).work"}}, OwnGoroutine},
		{"own, by prefix", worker, Folding{Own: []string{"example.com/pool.*"}}, OwnGoroutine},
		{"own, by where it waits", worker, Folding{Own: []string{"runtime.chanrecv1"}}, OwnGoroutine},
		{"another", worker, Folding{Own: []string{"example.com/pool.(*Pool)"}}, ""},
		{"off", system, Folding{Off: true}, ""},
		{"off, own", worker, Folding{Off: true, Own: []string{"example.com/*"}}, OwnGoroutine},
	} {
		t.Run(c.name, func(t *testing.T) {
			src, err := tracefile.ReadText(strings.NewReader(strings.Join(c.g.text(), "\n") + "\n"))
			if err != nil {
				t.Fatal(err)
			}
			if got := must(t, src, Options{Folding: c.f}).Tasks[1].Known; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// docs/go.md lists all kinds.
func TestKnownGoroutinesAreInTheDocuments(t *testing.T) {
	text, err := os.ReadFile("../docs/go.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range KnownGoroutines() {
		if !strings.Contains(string(text), "`"+k.Name+"`") {
			t.Errorf("docs/go.md does not know %s", k.Name)
		}
	}
}

// A note about goroutines that are older than the trace is about those of the program: every program has some of the runtime.
func TestOlderGoroutines(t *testing.T) {
	for _, c := range []struct {
		starts []string
		want   string
	}{
		{[]string{"app.main", "runtime.bgsweep", "runtime.forcegchelper"}, ""},
		{[]string{"app.main", "runtime.bgsweep", "app.work"}, "older than the trace: 1 goroutine, of which it is not known who created them"},
		{[]string{"app.main", "app.work", "app.more"}, "older than the trace: 2 goroutines, of which it is not known who created them"},
	} {
		lines := (goroutine{}).text()[:3]
		for i, start := range c.starts {
			lines = append(lines,
				fmt.Sprintf("=chain %d state=suspended on=select %s", i+1, frameText(start)),
				fmt.Sprintf(`10 task_waiting task=%d loop=1 chain=%d name=goroutine\s%d`, i+1, i+1, i+1))
		}
		if got := strings.Join(build(t, lines...).Health.Notes, "\n"); got != c.want {
			t.Errorf("%v: %q, want %q", c.starts, got, c.want)
		}
	}
}

// What a library keeps on purpose is known in the tests of the library, too, where it is the program.
func TestKnownGoroutinesOfTheProgram(t *testing.T) {
	g := goroutine{start: "github.com/patrickmn/go-cache.(*janitor).Run", await: []string{"github.com/patrickmn/go-cache.(*janitor).Run", "runtime.selectgo"}, test: true}
	lines := strings.ReplaceAll(strings.Join(g.text(), "\n"), "/home/me/go/pkg/mod/x@v1/", "/app/")
	if got := build(t, lines).Tasks[1].Known; got != "go-cache" {
		t.Errorf("known as %q", got)
	}
}
