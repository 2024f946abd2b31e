package rule

import (
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

func TestWrongLoop(t *testing.T) {
	mismatch := func(change func(w *world, m *analyze.LoopMismatch)) func(w *world) {
		return func(w *world) {
			first, second := w.loop(), w.loop()
			w.ran(first, "")
			w.closed(first)
			w.ran(second, "RuntimeError")
			w.closed(second)
			f, made := at(30, "use", "async with lock:"), at(3, "<module>", "lock = asyncio.Lock()")
			m := analyze.LoopMismatch{
				TimeNS: w.tick(), Loop: second, Other: first, Thread: "MainThread", Object: "Lock", Opened: stack(made), OpenedAt: &made,
				Message: "is bound to a different event loop", Stack: stack(f), At: &f,
			}
			change(w, &m)
			w.p.Mismatches = append(w.p.Mismatches, m)
		}
	}
	try(t, []scenario{
		{name: "a lock", build: mismatch(func(*world, *analyze.LoopMismatch) {}), want: []string{"error wrong-loop@30"}},
		{name: "a future", build: mismatch(func(_ *world, m *analyze.LoopMismatch) {
			m.Object, m.Opened, m.OpenedAt = "Future", nil, nil
		}), want: []string{"error wrong-loop@30"}},
		{name: "a library's affair", build: mismatch(func(_ *world, m *analyze.LoopMismatch) { m.At = nil }), want: []string{"warning wrong-loop"}},
	})
}

func TestThreadUnsafeCall(t *testing.T) {
	call := func(change func(c *analyze.ForeignCall)) func(w *world) {
		return func(w *world) {
			lp := w.loop()
			w.ran(lp, "")
			w.closed(lp)
			f := at(40, "fetch", "fut.set_result(1)")
			c := &analyze.ForeignCall{
				TimeNS: w.tick(), Loop: lp, Call: "call_soon", Thread: "fetcher", RunningThread: "MainThread", Stack: stack(f), At: &f, Count: 1,
			}
			change(c)
			w.p.ForeignCalls = append(w.p.ForeignCalls, c)
		}
	}
	try(t, []scenario{
		{name: "awake", build: call(func(*analyze.ForeignCall) {}), want: []string{"warning thread-unsafe-call@40"}},
		{name: "slept on", build: call(func(c *analyze.ForeignCall) {
			c.Asleep, c.Woke, c.SleptNS = true, true, 1e9
		}), want: []string{"error thread-unsafe-call@40"}},
		{name: "woken at once by something else", build: call(func(c *analyze.ForeignCall) {
			c.Asleep, c.Woke, c.SleptNS = true, true, 1e5
		}), want: []string{"warning thread-unsafe-call@40"}},
		{name: "never woke", build: call(func(c *analyze.ForeignCall) { c.Asleep, c.SleptNS = true, 1 }), want: []string{"error thread-unsafe-call@40"}},
		{name: "refused in debug mode", build: call(func(c *analyze.ForeignCall) { c.Refused = true }), want: []string{"error thread-unsafe-call@40"}},
		{name: "a finalizer's is only a note", build: call(func(c *analyze.ForeignCall) {
			c.Stack = append(stack(lib("asyncio/streams.py", "__del__")), c.Stack...)
		})},
	})
}

func TestStoppedLoopCall(t *testing.T) {
	call := func(w *world, lp *analyze.Loop, api, callback string) {
		f := at(50, "submit", "asyncio.run_coroutine_threadsafe(job(), loop)")
		w.p.StoppedCalls = append(w.p.StoppedCalls, analyze.StoppedCall{
			TimeNS: w.tick(), Loop: lp, Call: api, Callback: callback, Thread: "MainThread", Stack: stack(f), At: &f,
		})
	}
	try(t, []scenario{
		{name: "after the last run", build: func(w *world) {
			lp := w.loop()
			w.ran(lp, "")
			call(w, lp, "run_coroutine_threadsafe", "")
			w.closed(lp)
		}, want: []string{"error stopped-loop-call/loop-stopped@50"}},
		{name: "a callback", build: func(w *world) {
			lp := w.loop()
			w.ran(lp, "")
			call(w, lp, "call_soon_threadsafe", "notify")
			w.closed(lp)
		}, want: []string{"warning stopped-loop-call/loop-stopped@50"}},
		{name: "never run", build: func(w *world) {
			lp := w.loop()
			call(w, lp, "run_coroutine_threadsafe", "")
			w.closed(lp)
		}, want: []string{"error stopped-loop-call/loop-never-started@50"}},
		{name: "between two runs", build: func(w *world) {
			lp := w.loop()
			w.ran(lp, "")
			call(w, lp, "run_coroutine_threadsafe", "")
			w.ran(lp, "")
			w.closed(lp)
		}},
		{name: "asked to stop", build: func(w *world) {
			lp := w.loop()
			w.ran(lp, "")
			call(w, lp, "call_soon_threadsafe", "BaseEventLoop.stop")
			w.closed(lp)
		}},
	})
}

func TestForkInheritedLoop(t *testing.T) {
	child := func(build func(w *world, l *analyze.Loop)) func(w *world) {
		return func(w *world) {
			w.p.Forked = true
			f := at(60, "main", "pid = os.fork()")
			w.p.ForkedAt, w.p.StartedNS = &f, w.tick()
			l := w.loop()
			l.Inherited = &analyze.Loop{LastNS: 5e9}
			build(w, l)
		}
	}
	running := func(w *world, l *analyze.Loop) {
		l.Runs = []*analyze.LoopRun{{Loop: l, API: "asyncio.run", BeginNS: 1}}
	}
	ran := func(w *world, l *analyze.Loop) { w.ran(l, "") }
	try(t, []scenario{
		{name: "only inherited", build: child(running)},
		{name: "went on", build: child(func(w *world, l *analyze.Loop) {
			running(w, l)
			l.LastNS = 4e9
		}), want: []string{"error fork-inherited-loop/went-on-in-child@60"}},
		{name: "went on, the parent did not", build: child(func(w *world, l *analyze.Loop) {
			running(w, l)
			l.LastNS, l.Inherited.LastNS = 4e9, 0
		})},
		{name: "ran an idle one that the parent uses", build: child(ran), want: []string{"warning fork-inherited-loop/ran-inherited-loop@5"}},
		{name: "ran an idle one that the parent is done with", build: child(func(w *world, l *analyze.Loop) {
			ran(w, l)
			l.Inherited.LastNS = 0
		})},
		{name: "spawned", build: child(func(w *world, l *analyze.Loop) {
			running(w, l)
			w.task(l, "job", "job").Steps = 0
		}), want: []string{"error fork-inherited-loop/handed-to-inherited-loop@20"}},
	})
}
