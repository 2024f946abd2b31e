package rule

import (
	"fmt"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// seen lets main be seen in a function that closes something; what is live is listed.
func (w *goWorld) seen(function string) {
	w.line("close_begun thread=1 loop=1 task=1 stack=%s function=%s", goStack("app.(*Pool).Close:30:close(p.quit)", "main.main"), function)
	w.listLive()
	w.line("close_ended loop=1 outcome=seen")
}

// pool makes two workers of a pool that wait, in one go.
func (w *goWorld) pool(line int) (int, int) {
	at := fmt.Sprintf("app.main:%d:NewPool()", line)
	a := w.spawn(1, "app.(*Pool).work", "app.NewPool:12:go p.work()", at, "main.main")
	b := w.spawn(1, "app.(*Pool).work", "app.NewPool:12:go p.work()", at, "main.main")
	w.block(a, "chan-receive", "app.(*Pool).work:20")
	w.block(b, "chan-receive", "app.(*Pool).work:20")
	w.now += 5
	return a, b
}

func TestPendingAtSeenClose(t *testing.T) {
	const closer = "app.(*Pool).Close"
	outlives := []string{"error pending-at-close/outlives-close@12"}
	tryGo(t, []goScenario{
		{name: "none of the workers ended", want: outlives, build: func(w *goWorld) {
			w.pool(50)
			w.seen(closer)
			w.now += 300
		}},
		{name: "one of them did", want: outlives, build: func(w *goWorld) {
			a, _ := w.pool(50)
			w.seen(closer)
			w.end(a)
			w.now += 300
		}},
		{name: "all ended", build: func(w *goWorld) {
			a, b := w.pool(50)
			w.seen(closer)
			w.end(a)
			w.now += 10
			w.end(b)
			w.now += 300
		}},
		{name: "bystanders", build: func(w *goWorld) {
			w.block(w.spawn(1, "app.(*Server).loop", "app.NewServer:60", "main.main"), "chan-receive", "app.(*Server).loop:61")
			w.block(w.spawn(1, "app.main.func1", "app.main:51", "main.main"), "chan-receive", "app.main.func1:51")
			w.seen(closer)
			w.now += 300
		}},
		{name: "two pools, the other was closed", build: func(w *goWorld) {
			a, b := w.pool(50)
			w.pool(51)
			w.seen(closer)
			w.end(a)
			w.end(b)
			w.now += 300
		}},
		{name: "two pools, which was closed is not known", build: func(w *goWorld) {
			w.pool(50)
			w.pool(51)
			w.seen(closer)
			w.now += 300
		}},
		{name: "two pools, two closes", want: outlives, build: func(w *goWorld) {
			w.pool(50)
			w.pool(51)
			w.seen(closer)
			w.now += 10
			w.seen(closer)
			w.now += 300
		}},
		{name: "a child of a worker", want: []string{"error pending-at-close/outlives-close@25"}, build: func(w *goWorld) {
			a, b := w.pool(50)
			w.wake(1, a)
			child := w.spawn(a, "app.flush", "app.(*Pool).work:25:go flush()")
			w.block(child, "chan-send", "app.flush:40")
			w.seen(closer)
			w.end(a)
			w.end(b)
			w.now += 300
		}},
		{name: "at work, and the trace ends", build: func(w *goWorld) {
			a, b := w.pool(50)
			w.seen(closer)
			w.work(a)
			w.end(b)
			w.now += 5
		}},
		{name: "a timer may end it", want: []string{"warning pending-at-close/outlives-close@12"}, build: func(w *goWorld) {
			g := w.spawn(1, "app.(*Pool).work", "app.NewPool:12", "main.main")
			w.block(g, "chan-receive", "app.(*Pool).work:20:<-time.After(d)")
			w.seen(closer)
			w.now += 5
		}},
	})
}

func TestBelongs(t *testing.T) {
	for _, c := range []struct {
		function, closer string
		want             bool
	}{
		{"app.(*Pool).work", "app.(*Pool).Close", true},
		{"app.(*Pool).Start.func1", "app.(*Pool).Close", true},
		{"app.NewPool", "app.(*Pool).Close", true},
		{"app.NewPool.func1", "app.(*Pool).Close", true},
		{"app.New", "app.(*Pool).Close", true},
		{"app.newPool", "app.(*pool).Close", true},
		{"app.NewPool[...]", "app.(*Pool[...]).Close", true},
		{"example.com/x/app.(*Pool).work", "example.com/x/app.(*Pool).Close", true},
		{"example.com/y/app.(*Pool).work", "example.com/x/app.(*Pool).Close", false},
		{"app.(*PoolServer).work", "app.(*Pool).Close", false},
		{"app.NewPoolServer", "app.(*Pool).Close", false},
		{"app.main", "app.(*Pool).Close", false},
		{"app.Pool.work", "app.Pool.Close", true},
		{"app.work", "app.Close", false},
		{"", "", false},
		{"app.(*).Close", "app.(*).Close", false},
		{"app.(*)", "app.(*)", false},
	} {
		if got := belongs(c.function, c.closer); got != c.want {
			t.Errorf("belongs(%q, %q) = %v", c.function, c.closer, got)
		}
	}
}

func TestDeadlockGo(t *testing.T) {
	// stuck lets main and a goroutine of it wait for each other, for three seconds.
	stuck := func(mainOn, on, text string, change func(w *goWorld, g int)) func(w *goWorld) {
		return func(w *goWorld) {
			g := w.spawn(1, "app.work", "app.main:12", "main.main")
			w.block(g, on, "app.work:20:"+text)
			w.block(1, mainOn, "runtime.main", "app.main:13:<-done")
			if change != nil {
				change(w, g)
			}
			w.now += 3000
		}
	}
	found, perhaps := []string{"error deadlock/all-blocked@13"}, []string{"warning deadlock/all-blocked@13"}
	tryGo(t, []goScenario{
		{name: "locks", build: stuck("waitgroup", "mutex", "mu.Lock()", nil), want: found},
		{name: "a channel", build: stuck("chan-receive", "mutex", "mu.Lock()", nil), want: perhaps},
		{name: "a timer", build: stuck("waitgroup", "chan-receive", "<-time.After(time.Hour)", nil)},
		{name: "a select", build: stuck("waitgroup", "select", "select {", nil)},
		{name: "somebody sleeps", build: stuck("waitgroup", "sleep", "time.Sleep(d)", nil)},
		{name: "somebody waits for the network", build: stuck("waitgroup", "io", "conn.Read(b)", nil)},
		{name: "somebody works", build: stuck("waitgroup", "mutex", "mu.Lock()", func(w *goWorld, _ int) { w.work(w.spawn(1, "app.spin", "app.main:14")) })},
		{name: "one was woken", build: stuck("waitgroup", "mutex", "mu.Lock()", func(w *goWorld, g int) { w.wake(9, g) })},
		{name: "signals may come", build: stuck("waitgroup", "mutex", "mu.Lock()", func(w *goWorld, _ int) {
			w.block(w.spawn(1, "os/signal.loop", "os/signal.Notify"), "forever", "os/signal.loop", "os/signal.signal_recv")
		})},
		{name: "the runtime's own do not count", want: found, build: stuck("waitgroup", "mutex", "mu.Lock()", func(w *goWorld, _ int) {
			w.block(w.spawn(1, "runtime.bgsweep", "runtime.main"), "gc", "runtime.bgsweep")
		})},
		{name: "not for long", build: func(w *goWorld) {
			stuck("waitgroup", "mutex", "mu.Lock()", nil)(w)
			w.now -= 2500
		}},
		{name: "Go says so", want: []string{"error deadlock/all-blocked@13"}, build: func(w *goWorld) {
			stuck("waitgroup", "select", "select {", nil)(w)
			w.now -= 2999
			w.line("note_added asleep=1 text=x")
		}},
		{name: "a test and its goroutine", want: []string{"error deadlock/all-blocked@9"}, tests: []string{"TestA"}, build: func(w *goWorld) {
			test := w.test("TestA")
			w.block(w.spawn(test, "app.work", "app.TestA:8"), "mutex", "app.work:20")
			w.block(test, "waitgroup", "testing.tRunner", "app.TestA:9")
			w.block(1, "chan-receive", "runtime.main", "main.main", "testing.(*M).Run", "testing.(*T).Run")
			w.now += 3000
		}},
		{name: "a nil channel", want: []string{"error deadlock/nil-channel@20"}, build: func(w *goWorld) {
			w.block(w.spawn(1, "app.work", "app.main:12"), "forever", "app.work:20:<-ch", "runtime.chanrecv1")
		}},
		{name: "a select without cases", want: []string{"note deadlock"}, build: func(w *goWorld) {
			w.block(w.spawn(1, "app.work", "app.main:12"), "forever", "app.work:20:select {}", "runtime.block")
		}},
		{name: "a select without cases, and the process ended", want: []string{"note deadlock"}, build: func(w *goWorld) {
			w.block(w.spawn(1, "app.work", "app.main:12"), "forever", "app.work:20:select {}", "runtime.block")
			w.now += 300
			w.exit()
		}},
		{name: "a nil channel, for which all wait", want: []string{"error deadlock/nil-channel@20"}, build: func(w *goWorld) {
			w.block(w.spawn(1, "app.work", "app.main:12"), "forever", "app.work:20:<-ch", "runtime.chanrecv1")
			w.block(1, "waitgroup", "runtime.main", "app.main:30:wg.Wait()")
			w.now += 3000
		}},
		{name: "all wait, one of them for an iterator", want: []string{"error deadlock/all-blocked@30"}, build: func(w *goWorld) {
			it := w.spawn(1, "runtime.corostart", "iter.Pull[...]", "app.main:12:next, stop := iter.Pull(seq)")
			w.block(it, "coroutine", "app.main.func1:13:if !yield(i) {", "iter.Pull[...].func1.1", "runtime.coroswitch")
			w.now++
			w.block(1, "mutex", "runtime.main", "app.main:30:mu.Lock()")
			w.now += 3000
		}},
		{name: "main keeps the program running", build: func(w *goWorld) {
			w.block(1, "forever", "runtime.main", "app.main:20:select {}", "runtime.block")
		}},
		{name: "a nil channel in a test is told once", want: []string{"error deadlock/nil-channel@20"}, tests: []string{"TestA"}, build: func(w *goWorld) {
			test := w.test("TestA")
			w.block(w.spawn(test, "app.work", "app.TestA:12"), "forever", "app.work:20:<-ch", "runtime.chanrecv1")
			w.end(test)
			w.now += 300
		}},
	})
}

func TestTaskLeakGo(t *testing.T) {
	// served serves n requests, each on a goroutine that makes another one, which stays.
	served := func(n int, on string, change func(w *goWorld, request, g int)) func(w *goWorld) {
		return func(w *goWorld) {
			for range n {
				request := w.spawn(1, "app.handle", "app.serve:10", "main.main")
				w.work(request)
				g := w.spawn(request, "app.notify", "app.handle:12:go notify()")
				w.block(g, on, "app.notify:20:ch <- v")
				if change != nil {
					change(w, request, g)
				}
				w.end(request)
				w.now += 5
			}
		}
	}
	piles := []string{"warning task-leak@12"}
	tryGo(t, []goScenario{
		{name: "one for each request", build: served(60, "chan-send", nil), want: piles},
		{name: "and the process ended", build: func(w *goWorld) { served(60, "chan-send", nil)(w); w.exit() }, want: piles},
		{name: "a handful", build: served(10, "chan-send", nil)},
		{name: "they wait for the network", build: served(60, "io", nil)},
		{name: "they wait for a lock", build: served(60, "mutex", nil)},
		{name: "they sleep", build: served(60, "sleep", nil)},
		{name: "they end", build: served(60, "chan-send", func(w *goWorld, _, g int) { w.end(g) })},
		{name: "the request has a reader of the connection", build: served(60, "select", func(w *goWorld, request, _ int) {
			w.block(w.spawn(request, "app.read", "app.handle:13"), "io", "app.read:40")
		})},
		{name: "all at once", build: func(w *goWorld) {
			for range 60 {
				w.block(w.spawn(1, "app.notify", "app.main:12"), "chan-send", "app.notify:20")
			}
		}},
	})
}

// recorded opens a loop of the package recorder, and has it run.
func (w *goWorld) recorded() {
	w.line("loop_opened loop=2 class=mailer stack=%s", goStack("app.main:5:rec.Loop()"))
	w.line("run_begun thread=40 loop=2 api=Run stack=%s", goStack("app.main:6:loop.Run()"))
}

// job makes a task of the recorded loop.
func (w *goWorld) job(name string) int {
	w.last++
	w.line("task_spawned thread=40 task=%d loop=2 at=%s coro=%s name=%s", w.last, goStack("app.submit:15:loop.Func(job)"), name, name)
	return w.last
}

// closed closes the recorded loop, by a task of it if by is not 0.
func (w *goWorld) closed(by int, running int, live ...string) {
	w.line("close_begun thread=41 loop=2 task=%d running=%d stack=%s", by, running, goStack("app.main:9:loop.Close()"))
	for _, l := range live {
		w.line("live_task loop=2 %s", l)
	}
	w.line("close_ended loop=2 outcome=closed")
}

func TestRecordedLoops(t *testing.T) {
	tryGo(t, []goScenario{
		{name: "closed with nothing left", build: func(w *goWorld) {
			w.recorded()
			w.line("task_ended task=%d number=1", w.job("poll"))
			w.closed(0, 0)
			w.now += 300
		}},
		{name: "closed under a waiting task", want: []string{"error pending-at-close/still-waiting@9"}, build: func(w *goWorld) {
			w.recorded()
			w.closed(0, 0, fmt.Sprintf("task=%d await=%s state=suspended on=timer", w.job("poll"), goFrame("app.poll:20")))
			w.now += 300
		}},
		{name: "closed under a queued task", want: []string{"error pending-at-close/never-started@9"}, build: func(w *goWorld) {
			w.recorded()
			w.closed(0, 0, fmt.Sprintf("task=%d await=- state=not-started", w.job("poll")))
			w.now += 300
		}},
		{name: "closed under a task at work that ends at once", build: func(w *goWorld) {
			w.recorded()
			job := w.job("poll")
			w.closed(0, 0, fmt.Sprintf("task=%d await=- state=running", job))
			w.now += 20
			w.line("task_ended task=%d number=1", job)
			w.now += 300
		}},
		{name: "closed under a task at work", want: []string{"error pending-at-close/still-running@9"}, build: func(w *goWorld) {
			w.recorded()
			w.closed(0, 0, fmt.Sprintf("task=%d await=- state=running", w.job("poll")))
			w.now += 300
		}},
		{name: "closed by a task of it, which hangs", want: []string{"error close-running-loop/close-in-task@9"}, build: func(w *goWorld) {
			w.recorded()
			job := w.job("poll")
			w.line("step_begun thread=40 task=%d", job)
			w.closed(job, 1, fmt.Sprintf("task=%d await=- state=running", job))
			w.now += 3000
		}},
		{name: "closed by a task of it, which goes on", want: []string{"warning close-running-loop/close-in-task@9"}, build: func(w *goWorld) {
			w.recorded()
			job := w.job("poll")
			w.line("step_begun thread=40 task=%d", job)
			w.closed(job, 1, fmt.Sprintf("task=%d await=- state=running", job))
			w.line("task_ended task=%d number=1", job)
			w.now += 3000
		}},
		{name: "a task made too late", want: []string{"error use-after-close@15"}, build: func(w *goWorld) {
			w.recorded()
			w.closed(0, 0)
			w.now += 10
			w.job("poll")
			w.now += 300
		}},
		{name: "a task made late that ran", want: []string{"note use-after-close"}, build: func(w *goWorld) {
			w.recorded()
			w.closed(0, 0)
			w.now += 10
			job := w.job("poll")
			w.line("step_begun thread=40 task=%d", job)
			w.line("task_ended task=%d number=1", job)
			w.now += 300
		}},
		{name: "a step that holds the loop", want: []string{"warning loop-blocked@15"}, build: func(w *goWorld) {
			w.recorded()
			job, other := w.job("poll"), w.job("reply")
			w.now += 5
			w.line("step_begun thread=40 task=%d", job)
			w.now += 400
			w.line("task_ended thread=40 task=%d number=1", job)
			w.line("task_ended thread=40 task=%d number=1", other)
		}},
		{name: "a pool is held by no step", build: func(w *goWorld) {
			w.recorded()
			job, other := w.job("poll"), w.job("reply")
			w.now += 5
			w.line("step_begun thread=40 task=%d", job)
			w.line("step_begun thread=42 task=%d", other)
			w.now += 400
			w.line("task_ended thread=40 task=%d number=1", job)
			w.line("task_ended thread=42 task=%d number=1", other)
		}},
		{name: "a goroutine that computes blocks no loop", build: func(w *goWorld) {
			g := w.spawn(1, "app.work", "app.main:12")
			w.work(g)
			w.now += 800
			w.end(g)
		}},
	})
}

func TestKilledGo(t *testing.T) {
	for _, c := range []struct {
		signal int
		want   int
	}{{9, 1}, {15, 1}, {3, 0}, {2, 0}} {
		w := newGoWorld()
		w.recorded()
		w.job("poll")
		w.now += 10
		run := w.run(t, analyze.Options{})
		run.Processes[0].Exit.Signal = c.signal
		if got := len(Check(run, "").Findings); got != c.want {
			t.Errorf("signal %d: %d findings, want %d", c.signal, got, c.want)
		}
	}
}
