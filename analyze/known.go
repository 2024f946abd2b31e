package analyze

import "strings"

// KnownGoroutine is a kind of goroutine that the runtime, the standard library or a well-known library keeps on purpose, so
// that finding one at the end is no leak by itself.
type KnownGoroutine struct {
	Name string // as in Task.Known: "net/http idle connection"
	// Starts are the full names of the functions that such a goroutine starts with. A trailing * stands for anything.
	Starts []string
	// Waits are the full names of functions of which one must be on its stack where it waits; none: it may wait anywhere.
	Waits  []string
	Calls  bool   // it is known also while it runs functions of the program; in the library's own tests all of them are
	Tests  bool   // it is known also where a test made it
	Covers string // which goroutines these are
	Why    string // why one that is left is no leak
}

// KnownGoroutines returns the kinds that are known by default, in the order in which they are tried.
func KnownGoroutines() []KnownGoroutine {
	return append(standardGoroutines(), libraryGoroutines()...)
}

// standardGoroutines returns those of Go itself. The functions are those of Go 1.22 to 1.26; see GOROOT/src.
func standardGoroutines() []KnownGoroutine {
	return []KnownGoroutine{
		{
			Name: "runtime", Tests: true, Starts: []string{"runtime.*", "runtime/*"},
			Covers: "what the runtime starts: the garbage collector, finalizers, tracing and profiling; not main",
			Why:    "they belong to the runtime and never end",
		},
		{
			Name: "looptrace", Calls: true, Tests: true, Starts: []string{"github.com/looptrace/looptrace/recorder.*"},
			Covers: "what the Go package recorder starts",
			Why:    "they record the program and are none of it",
		},
		{
			Name: "testing", Tests: true,
			Starts: []string{"testing.*", "testing/*", "internal/fuzz.*"},
			Covers: "tests that wait for their subtests or for their turn, the timeout of go test, benchmarks, fuzzing; not a test that waits in code of its own",
			Why:    "they end with the test binary",
		},
		{
			Name: "os/signal", Tests: true, Starts: []string{"os/signal.loop", "os/signal.watchSignalLoop*"},
			Covers: "the goroutine that hands signals on after the first signal.Notify()",
			Why:    "there is one in a process, and it never ends",
		},
		{
			Name: "os/signal context", Starts: []string{"os/signal.NotifyContext.*"},
			Covers: "the goroutine of signal.NotifyContext(), outside tests",
			Why:    "a program listens for signals as long as it runs; a test that makes such a context has to call its stop()",
		},
		{
			Name: "net/http idle connection", Tests: true,
			Starts: []string{"net/http.(*persistConn).readLoop", "net/http.(*http2ClientConn).readLoop", "golang.org/x/net/http2.(*ClientConn).readLoop"},
			Waits:  []string{"bufio.(*Reader).Peek", "net/http.(*http2clientConnReadLoop).run", "golang.org/x/net/http2.(*clientConnReadLoop).run"},
			Covers: "the reader of a client connection without a request, or one that waits for the answer; not one whose response body was not closed",
			Why:    "the Transport keeps the connection for the next request and closes it after IdleConnTimeout",
		},
		{
			Name: "net/http idle connection", Tests: true,
			Starts: []string{"net/http.(*persistConn).writeLoop"},
			Covers: "the writer of a client connection",
			Why:    "it ends with the reader of the same connection, which is told where it leaked",
		},
		{
			Name: "net/http server connection", Tests: true,
			Starts: []string{"net/http.(*conn).serve", "net/http.(*connReader).backgroundRead", "net/http.(*http2serverConn).readFrames"},
			Covers: "a connection of a server that waits for the next request; not a handler that waits, and not the server's own goroutine in Serve()",
			Why:    "it ends when the client or the server closes the connection",
		},
		{
			Name: "net dial and lookup", Tests: true,
			Starts: []string{
				"net.(*Resolver).*", "net.(*sysDialer).*", "net.(*netFD).*", "net.doBlockingWithCtx*", "net.dnsWaitGroupDone", "internal/singleflight.*",
				"net/http.(*Transport).startDialConnForLocked.*", "net/http.(*Transport).dialConnFor",
			},
			Covers: "a connection that is being made, a name that is being looked up",
			Why:    "it ends by itself, at the latest when the network gives up",
		},
		{
			Name: "database/sql", Tests: true,
			Starts: []string{"database/sql.(*DB).connectionOpener", "database/sql.(*DB).connectionCleaner*"},
			Covers: "what opens and closes the connections of a sql.DB; not rows or a transaction that nobody closed",
			Why:    "a sql.DB is made to live as long as the program",
		},
	}
}

// libraryGoroutines returns those of libraries that start one for the whole life of the program and have no way, or no need,
// to end it.
func libraryGoroutines() []KnownGoroutine {
	return []KnownGoroutine{
		{
			Name: "go.opencensus.io", Tests: true, Starts: []string{"go.opencensus.io/stats/view.(*worker).start"},
			Covers: "the worker that the package starts as it is imported",
			Why:    "there is one in a process, and it never ends",
		},
		{
			Name: "go-redis", Tests: true, Starts: []string{"github.com/redis/go-redis/v9/internal/pool.startGlobalTimeCache.func1"},
			Covers: "the clock that the package starts as it is imported",
			Why:    "there is one in a process, and it never ends",
		},
		{
			Name: "go-metrics", Tests: true, Starts: []string{"github.com/rcrowley/go-metrics.(*meterArbiter).tick"},
			Covers: "the ticker of all meters",
			Why:    "there is one in a process, and it never ends",
		},
		{
			Name: "glog and klog", Tests: true,
			Starts: []string{
				"github.com/golang/glog.(*loggingT).flushDaemon", "github.com/golang/glog.(*fileSink).flushDaemon",
				"k8s.io/klog.(*loggingT).flushDaemon", "k8s.io/klog/v2.(*loggingT).flushDaemon", "k8s.io/klog/v2.(*flushDaemon).run.func1",
			},
			Covers: "what writes the log out every few seconds",
			Why:    "it lives as long as the program logs",
		},
		{
			Name: "lumberjack", Tests: true,
			Starts: []string{"gopkg.in/natefinch/lumberjack%2ev2.(*Logger).millRun", "gopkg.in/natefinch/lumberjack.v2.(*Logger).millRun"},
			Covers: "what compresses and removes old logs",
			Why:    "the library has no way to end it",
		},
		{
			Name: "ginkgo", Tests: true,
			Starts: []string{
				"github.com/onsi/ginkgo/v2/internal/interrupt_handler.(*InterruptHandler).registerForInterrupts.*",
				"github.com/bsm/ginkgo/v2/internal/interrupt_handler.(*InterruptHandler).registerForInterrupts.*",
			},
			Covers: "what listens for signals while the specs run",
			Why:    "there is one in a process, and nothing ends it",
		},
		{
			Name: "go-cache", Tests: true, Starts: []string{"github.com/patrickmn/go-cache.(*janitor).Run"},
			Covers: "what removes expired entries of a cache",
			Why:    "it ends when the cache is collected",
		},
	}
}

// Folding says which goroutines are set apart as known. The zero value stands for the defaults.
type Folding struct {
	Off bool // none are
	// Own are further ones: full names of functions ("example.com/pool.(*Pool).work") that such a goroutine starts with or
	// waits in. A trailing * stands for anything. They count with Off too.
	Own []string
}

// OwnGoroutine is the name in Task.Known of the goroutines that Folding.Own names.
const OwnGoroutine = "folded by setting"

// knowns decides which goroutines are known. What a start function may be is remembered: programs have few of them.
type knowns struct {
	own     []string
	kinds   []KnownGoroutine
	byStart map[string][]*KnownGoroutine
}

func newKnowns(f Folding) *knowns {
	k := &knowns{own: f.Own, byStart: map[string][]*KnownGoroutine{}}
	if !f.Off {
		k.kinds = KnownGoroutines()
	}
	return k
}

// name returns the kind of a goroutine, "" for one of the program.
func (k *knowns) name(t *task) string {
	c := t.chain
	if c == nil {
		c = t.seen
	}
	if c == nil {
		c = noChain
	}
	start := t.site.Site.Coro
	if k.isOwn(start, c) {
		return OwnGoroutine
	}
	if isMain(start, t.name, t.birthSeen) || start == "runtime.corostart" {
		return ""
	}
	for _, kind := range k.starting(start) {
		if c.at != nil && !kind.Calls && !t.site.Site.Def.User || t.made != nil && !kind.Tests || !waitsInOne(c, kind.Waits) {
			continue
		}
		return kind.Name
	}
	return ""
}

// mainGoroutine is the function that the goroutine of main() starts with.
const mainGoroutine = "runtime.main"

// starting returns the kinds that start with a function.
func (k *knowns) starting(function string) []*KnownGoroutine {
	kinds, ok := k.byStart[function]
	if ok {
		return kinds
	}
	for i := range k.kinds {
		if anyMatches(k.kinds[i].Starts, function) {
			kinds = append(kinds, &k.kinds[i])
		}
	}
	k.byStart[strings.Clone(function)] = kinds
	return kinds
}

func (k *knowns) isOwn(start string, c *chain) bool {
	if len(k.own) == 0 {
		return false
	}
	if anyMatches(k.own, start) {
		return true
	}
	for i := range c.frames {
		if anyMatches(k.own, c.frames[i].Qualname) {
			return true
		}
	}
	return false
}

// waitsInOne reports whether one of the functions is on the stack. Where no stack is known, it may be.
func waitsInOne(c *chain, functions []string) bool {
	if len(functions) == 0 || len(c.frames) == 0 {
		return true
	}
	for i := range c.frames {
		if anyMatches(functions, c.frames[i].Qualname) {
			return true
		}
	}
	return false
}

func anyMatches(patterns []string, function string) bool {
	for _, p := range patterns {
		if prefix, ok := strings.CutSuffix(p, "*"); ok && strings.HasPrefix(function, prefix) || p == function {
			return true
		}
	}
	return false
}

// MainGoroutine reports whether the task is the goroutine of main().
func (t *Task) MainGoroutine() bool {
	return t.Goroutine() && t.Site != nil && isMain(t.Site.Coro, t.Name, t.BirthSeen)
}

// isMain reports whether a goroutine is main's: the first of the process. Where the trace began before main() the outermost
// frame of its stack was another one.
func isMain(start, name string, birthSeen bool) bool {
	return start == mainGoroutine || name == "goroutine 1" && !birthSeen
}
