package rule

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// goWorld writes the trace of a Go program as text. Times are in ms.
type goWorld struct {
	strings.Builder
	now    int
	last   int // task
	chains int
	state  map[int]string // of live tasks, as live_task has it
}

func (w *goWorld) line(format string, args ...any) {
	fmt.Fprintf(w, "%d "+format+"\n", append([]any{w.now * 1_000_000}, args...)...)
}

// newGoWorld begins a program whose main goroutine, task 1, runs.
func newGoWorld() *goWorld {
	w := &goWorld{last: 1, state: map[int]string{1: "await=- state=running"}}
	w.WriteString("looptrace 1\n=run command=[\"./app\"] started_at=1 started_ns=1 pid=10 duration_ns=9000000000 exit_code=0 signal=0\n")
	w.line("process_started pid=10 ppid=9 runtime=go1.26.8 recorder=runtime/trace argv=[\"./app\"] cwd=/app stdlib=[\"/usr/local/go/src\"]")
	w.line("loop_opened loop=1 class=goroutines")
	w.line("task_spawned thread=1 task=1 loop=1 at=%s coro=runtime.main def=%s name=goroutine\\s1", goFrame("runtime.main"), goFrame("runtime.main"))
	w.line("step_begun thread=1 task=1")
	return w
}

// goFrame is a frame "function", "function:LINE" or "function:LINE:text" in text form. Functions of package app are the
// program's; lines default to 7.
func goFrame(f string) string {
	function, rest, _ := strings.Cut(f, ":")
	number, text, _ := strings.Cut(rest, ":")
	if number == "" {
		number = "7"
	}
	file := "/usr/local/go/src/x.go"
	switch {
	case strings.HasPrefix(function, "app.Test"):
		file = "/app/app_test.go"
	case strings.HasPrefix(function, "app."):
		file = "/app/app.go"
	}
	short := function[strings.LastIndexByte(function, '/')+1:]
	out := file + ":" + number + ":" + escape(short) + ":" + escape(function)
	if text != "" {
		out += ":" + escape(text)
	}
	return out
}

func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, " ", `\s`, ":", `\x3a`, ",", `\x2c`).Replace(s)
}

func goStack(frames ...string) string {
	out := make([]string, len(frames))
	for i, f := range frames {
		out[i] = goFrame(f)
	}
	return strings.Join(out, ",")
}

// spawn lets parent make a goroutine that starts with a function; stack is that of the go statement, innermost first.
func (w *goWorld) spawn(parent int, start string, stack ...string) int {
	w.last++
	w.line("task_spawned thread=1 task=%d loop=1 number=%d at=%s coro=%s def=%s name=goroutine\\s%d", w.last, parent, goStack(stack...), start, goFrame(start), w.last+16)
	w.state[w.last] = "await=- state=not-started"
	return w.last
}

// block lets a goroutine run for a moment and wait; stack is outermost first.
func (w *goWorld) block(task int, on string, stack ...string) {
	thread := task + 1
	w.line("step_begun thread=%d task=%d", thread, task)
	w.chains++
	fmt.Fprintf(w, "=chain %d state=suspended on=%s %s\n", w.chains, on, goStack(stack...))
	w.line("step_ended thread=%d task=%d chain=%d", thread, task, w.chains)
	w.state[task] = fmt.Sprintf("chain=%d since=%d", w.chains, w.now*1_000_000+1)
}

// wake lets a goroutine be woken by another.
func (w *goWorld) wake(by, task int) {
	w.line("task_woken thread=%d task=%d", by+1, task)
	w.state[task] = "await=- state=runnable"
}

// work lets a goroutine run on.
func (w *goWorld) work(task int) {
	w.line("step_begun thread=%d task=%d", task+1, task)
	w.state[task] = "await=- state=running"
}

// runnable lets a goroutine run and stop without waiting.
func (w *goWorld) runnable(task int) {
	w.line("step_begun thread=%d task=%d", task+1, task)
	w.line("step_ended thread=%d task=%d", task+1, task)
	w.state[task] = "await=- state=runnable"
}

func (w *goWorld) end(task int) {
	w.line("task_ended thread=%d task=%d number=1", task+1, task)
	delete(w.state, task)
}

// test begins a test; its goroutine is returned.
func (w *goWorld) test(name string) int {
	t := w.spawn(1, "testing.tRunner", "testing.(*T).Run")
	w.line("test_begun thread=%d task=%d runner=go\\stest name=%s", t+1, t, name)
	return t
}

// exit lets the process end, as the recording of an untouched program tells it.
func (w *goWorld) exit() {
	w.line("process_ending reason=exit code=0")
	w.listLive()
}

func (w *goWorld) listLive() {
	for _, task := range slices.Sorted(maps.Keys(w.state)) {
		w.line("live_task task=%d loop=1 %s", task, w.state[task])
	}
}

// run builds the facts. The trace ends with whatever comes last; main waits for nothing.
func (w *goWorld) run(t *testing.T, o analyze.Options) *analyze.Run {
	t.Helper()
	if _, main := w.state[1]; main && !strings.Contains(w.String(), "process_ending") {
		w.line("io_wait_begun")
	}
	src, err := tracefile.ReadText(strings.NewReader(w.String()))
	if err != nil {
		t.Fatalf("%v\n%s", err, w)
	}
	run, err := analyze.Build(src, o)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

type goScenario struct {
	name  string
	build func(w *goWorld)
	want  []string // as told; notes as "note rule"
	tests []string // of the findings
}

func tryGo(t *testing.T, scenarios []goScenario) {
	t.Helper()
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			w := newGoWorld()
			s.build(w)
			res := Check(w.run(t, analyze.Options{}), "test")
			got, tests := tell(res.Findings), []string{}
			for i := range res.Findings {
				f := &res.Findings[i]
				if f.Severity == analyze.Note {
					got = append(got, "note "+f.Rule)
				}
				for _, test := range f.Tests {
					tests = append(tests, test.Name)
				}
				wellFormed(t, f)
			}
			if !slices.Equal(got, append([]string{}, s.want...)) {
				t.Errorf("got  %q\nwant %q\nnotes %q", got, s.want, res.Run.Health.Notes)
			}
			if !slices.Equal(tests, append([]string{}, s.tests...)) {
				t.Errorf("tests: got %q, want %q", tests, s.tests)
			}
		})
	}
}
