package rule

import (
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

func TestNeverClosed(t *testing.T) {
	try(t, []scenario{
		{name: "run, never closed", build: func(w *world) { w.ran(w.loop(), "") }, want: []string{"warning loop-never-closed@1"}},
		{name: "closed by its destructor", build: func(w *world) {
			lp := w.loop()
			w.ran(lp, "")
			w.closed(lp).Implicit = true
		}, want: []string{"warning loop-never-closed@1"}},
		{name: "runs in a daemon thread", build: func(w *world) {
			lp := w.loop()
			w.begin(lp).Thread = "bg"
			w.p.Exit.Live = []*analyze.Live{live(w.task(lp, "poller", "poll"))}
		}, want: []string{"warning loop-never-closed@1"}},
		{name: "closed", build: func(w *world) {
			lp := w.loop()
			w.ran(lp, "")
			w.closed(lp)
		}},
		{name: "never run", build: func(w *world) { w.loop() }},
		{name: "made by get_event_loop()", build: func(w *world) {
			lp := w.loop()
			lp.Stack = append(stack(lib("asyncio/events.py", "new_event_loop"), lib("asyncio/events.py", "get_event_loop")), lp.Stack...)
			w.ran(lp, "")
		}},
		{name: "a library's", build: func(w *world) {
			lp := w.loop()
			lp.Stack = append(stack(site("client", "connect")), lp.Stack...)
			w.ran(lp, "")
		}},
		{name: "inherited by a forked child", build: func(w *world) {
			lp := w.loop()
			lp.Inherited = &analyze.Loop{}
			tk := w.task(lp, "beat", "beat")
			tk.Inherited = &analyze.Task{}
			w.begin(lp)
			w.p.Exit.Live = []*analyze.Live{live(tk)}
			w.p.Exit.Reason = "os._exit"
			w.p.Exit.Stack = stack(at(31, "main", "os._exit(0)"))
		}},
		{name: "after a refused close", build: func(w *world) {
			lp := w.loop()
			w.refuses(lp, w.task(lp, "main", "main"))
		}, want: []string{"error close-running-loop/close-in-coroutine@9"}},
	})
}

// TestSpareLoop: of a loop that no line of the program opened, and that never ran, nothing is said.
func TestSpareLoop(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(lp *analyze.Loop)
		want   int
	}{
		"spare":           {func(lp *analyze.Loop) { lp.At, lp.Stack = nil, stack(site("runner", "setup")) }, 0},
		"of the program":  {func(*analyze.Loop) {}, 1},
		"ran, not opened": {func(lp *analyze.Loop) { lp.At, lp.Runs = nil, []*analyze.LoopRun{{API: "run_forever", EndNS: 1}} }, 1},
	} {
		w := newWorld(13)
		tt.change(w.loop())
		if found := Check(w.run, "").Findings; len(found) != tt.want {
			t.Errorf("%s: got %q, want %d findings", name, tell(found), tt.want)
		}
	}
}

func TestLiveAtExit(t *testing.T) {
	policy := func(w *world) *analyze.Loop {
		lp := w.loop()
		lp.Stack = append(stack(lib("asyncio/events.py", "get_event_loop")), lp.Stack...)
		w.ran(lp, "")
		return lp
	}
	try(t, []scenario{
		{name: "tasks of the default loop", build: func(w *world) {
			w.p.Exit.Live = []*analyze.Live{live(w.task(policy(w), "poller", "poll"))}
		}, want: []string{"warning live-at-exit@20"}},
		{name: "no tasks", build: func(w *world) { policy(w) }},
	})
}

// TestRecordingStopped: what is missing from a recording that stopped early is not taken for what did not happen.
func TestRecordingStopped(t *testing.T) {
	for _, stopped := range []int64{0, 1} {
		w := newWorld(13)
		lp := w.loop()
		w.begin(lp)
		left := live(w.task(lp, "main", "main"))
		w.p.Exit.Live = []*analyze.Live{left}
		w.p.LostNS = stopped * w.tick()
		res := Check(w.run, "test")
		if told := len(res.Findings) > 0; told != (stopped == 0) {
			t.Errorf("stopped %d: %q", stopped, tell(res.Findings))
		}
		if undecided := strings.Contains(strings.Join(res.Run.Health.Notes, "\n"), "is not decided"); undecided != (stopped == 1) {
			t.Errorf("stopped %d: %q", stopped, res.Run.Health.Notes)
		}
	}
	w := newWorld(13)
	lp := w.loop()
	w.refuses(lp, w.task(lp, "main", "main"))
	w.p.LostNS = 1
	if told := tell(Check(w.run, "test").Findings); len(told) != 1 || !strings.Contains(told[0], "close-running-loop") {
		t.Errorf("a refused close is told by itself: %q", told)
	}
}

func TestSuddenEnds(t *testing.T) {
	dies := func(change func(w *world, e *analyze.Exit)) func(w *world) {
		return func(w *world) {
			lp := w.loop()
			w.begin(lp)
			w.p.Exit.Live = []*analyze.Live{live(w.task(lp, "poller", "poll"))}
			change(w, &w.p.Exit)
		}
	}
	exits := func(frames ...analyze.Frame) func(w *world) {
		return dies(func(_ *world, e *analyze.Exit) { e.Reason, e.Stack = "os._exit", frames })
	}
	try(t, []scenario{
		{name: "SIGKILL", build: dies(func(_ *world, e *analyze.Exit) { e.Reason, e.Signal = "signal", 9 }), want: []string{"error killed-by-signal"}},
		{name: "SIGTERM", build: dies(func(_ *world, e *analyze.Exit) { e.Reason, e.Signal = "signal", 15 }), want: []string{"warning killed-by-signal"}},
		{name: "SIGINT", build: dies(func(_ *world, e *analyze.Exit) { e.Reason, e.Signal = "signal", 2 })},
		{name: "SIGKILL without a loop", build: func(w *world) { w.p.Exit.Reason, w.p.Exit.Signal = "signal", 9 }},
		{name: "os._exit", build: exits(at(31, "watchdog", "os._exit(3)")), want: []string{"error abrupt-exit@31"}},
		{name: "exec", build: dies(func(_ *world, e *analyze.Exit) {
			e.Reason, e.Stack = "exec", stack(lib("os.py", "execvp"), at(32, "main", "os.execvp(a, b)"))
		}), want: []string{"error abrupt-exit@32"}},
		{name: "os._exit after the loop", build: func(w *world) {
			lp := w.loop()
			w.ran(lp, "")
			w.closed(lp)
			w.p.Exit.Reason, w.p.Exit.Stack = "os._exit", stack(at(31, "<module>", "os._exit(3)"))
		}},
		{name: "end of a multiprocessing worker", build: func(w *world) {
			lp := w.loop()
			w.ran(lp, "")
			w.closed(lp)
			w.p.Exit.Reason, w.p.Exit.Stack = "os._exit", stack(lib("multiprocessing/popen_fork.py", "_launch"), at(31, "<module>", "p.start()"))
		}},
	})
}

func TestCancelledAtExit(t *testing.T) {
	cut := func(exception string, change func(w *world, l *analyze.Live, s *analyze.Shutdown)) func(w *world) {
		return func(w *world) {
			lp := w.loop()
			tk := w.task(lp, "upload", "upload")
			w.ran(lp, exception)
			tk.Outcome, tk.EndedNS = "cancelled", w.now+5e6
			l := live(tk)
			s := &analyze.Shutdown{Loop: lp, BeginNS: w.tick(), Live: []*analyze.Live{l}}
			tk.CancelledAtShutdown = s
			lp.Shutdowns = append(lp.Shutdowns, s)
			if change != nil {
				change(w, l, s)
			}
			s.EndNS = w.tick()
			w.closed(lp)
		}
	}
	try(t, []scenario{
		{name: "main returned", build: cut("", nil), want: []string{"warning cancelled-at-exit@20"}},
		{name: "main raised", build: cut("ValueError", nil)},
		{name: "ctrl-c", build: cut(keyboardInterrupt, nil)},
		{name: "cancelled by the program", build: cut("", func(w *world, l *analyze.Live, _ *analyze.Shutdown) { w.cancel(l, 0) })},
		{name: "main cancelled", build: cut("", func(_ *world, _ *analyze.Live, s *analyze.Shutdown) { s.Loop.Runs[0].Target.Outcome = "cancelled" })},
		{name: "expected it", build: cut("", func(_ *world, l *analyze.Live, _ *analyze.Shutdown) { l.Task.Outcome = "returned" })},
		{name: "server handler", build: cut("", func(_ *world, l *analyze.Live, _ *analyze.Shutdown) {
			l.Task.Site.Via = "asyncio/streams.py:connection_made"
		})},
		{name: "async generator", build: cut("", func(_ *world, l *analyze.Live, _ *analyze.Shutdown) {
			l.Task.Site.Via = "asyncio/base_events.py:_asyncgen_finalizer_hook"
		})},
	})
}

func TestUseAfterClose(t *testing.T) {
	used := func(change func(w *world, u *analyze.UseAfterClose)) func(w *world) {
		return func(w *world) {
			lp := w.loop()
			w.ran(lp, "")
			w.closed(lp)
			f := at(15, "get", "return self.loop.run_until_complete(self.fetch())")
			u := analyze.UseAfterClose{TimeNS: w.tick(), Loop: lp, Call: "run_until_complete", Thread: "MainThread", Stack: stack(f), At: &f}
			if change != nil {
				change(w, &u)
			}
			w.p.Uses = append(w.p.Uses, u, u)
		}
	}
	try(t, []scenario{
		{name: "kept loop", build: used(nil), want: []string{"error use-after-close@15"}},
		{name: "asyncio's finalizer", build: used(func(_ *world, u *analyze.UseAfterClose) {
			u.Finalizer, u.Stack = true, append(stack(lib("asyncio/base_subprocess.py", "__del__")), u.Stack...)
		})},
		{name: "the program's finalizer", build: used(func(_ *world, u *analyze.UseAfterClose) {
			u.Finalizer, u.Stack = true, append(stack(at(40, "__del__", "self.loop.run_until_complete(self.aclose())")), u.Stack...)
		}), want: []string{"error use-after-close@40"}},
		{name: "a library had closed it", build: used(func(_ *world, u *analyze.UseAfterClose) {
			c := u.Loop.ClosedBy
			c.Stack = append(stack(site("helper", "finish")), c.Stack...)
		}), want: []string{"error use-after-close/library-closed-foreign-loop@15"}},
		{name: "a test says so", build: used(func(_ *world, u *analyze.UseAfterClose) { u.Expected = "asserted" })},
		{name: "clean-up of a dropped task", build: used(func(w *world, u *analyze.UseAfterClose) {
			u.Task = w.task(u.Loop, "worker", "work")
			u.Loop.ClosedBy.Live = []*analyze.Live{live(u.Task)}
		}), want: []string{"error pending-at-close/never-cancelled@9"}},
	})
}

func TestLoopNotContextManager(t *testing.T) {
	// An exception that ends a task often ends a callback next; it is told once.
	fails := func(_ int, kind, text, line string) func(w *world) {
		return func(w *world) {
			w.loop()
			f := at(12, "run", line)
			for _, ended := range []string{analyze.FailedTask, analyze.FailedCallback} {
				w.p.Failures = append(w.p.Failures, &analyze.Failure{TimeNS: w.tick(), Process: w.p, Ended: ended, Exception: kind, Words: text, Stack: stack(f), At: &f})
			}
		}
	}
	caught := func(line, class string, ran bool) func(w *world) {
		return func(w *world) {
			lp := w.loop()
			f := at(12, "run", line)
			lp.At, lp.Class = &f, class
			if ran {
				w.ran(lp, "")
			}
		}
	}
	const line = "with asyncio.get_event_loop() as loop:"
	want := []string{"error loop-not-context-manager@12"}
	try(t, []scenario{
		{name: "3.10", minor: 10, build: fails(10, "AttributeError", "__enter__", line), want: want},
		{name: "3.10 without the text", minor: 10, build: fails(10, "AttributeError", "", line), want: want},
		{name: "3.11", minor: 11, build: fails(11, "TypeError", "'_UnixSelectorEventLoop' object does not support the context manager protocol", "with get() as x:"), want: want},
		{name: "another class", minor: 11, build: fails(11, "TypeError", "'Client' object does not support the context manager protocol", "with client as c:")},
		{name: "another object", minor: 10, build: fails(10, "AttributeError", "__enter__", "with client as c:")},
		{name: "another error", minor: 10, build: fails(10, "AttributeError", "no such attribute", line)},
		{name: "the loop that runs", minor: 8, build: func(w *world) {
			fails(8, "AttributeError", "__aexit__", "async with self.loop:")(w)
			w.ran(w.p.Loops[0], "")
			w.closed(w.p.Loops[0])
		}, want: want},
		{name: "something else with loop in its name", minor: 8, build: func(w *world) {
			fails(8, "AttributeError", "__enter__", "with game_loop:")(w)
			w.ran(w.p.Loops[0], "")
			w.closed(w.p.Loops[0])
		}},
		{name: "caught", build: caught(line, "_UnixSelectorEventLoop", false), want: want},
		{name: "caught, of several", build: caught("with lock, asyncio.new_event_loop() as loop:", "_UnixSelectorEventLoop", false)},
		{name: "closing()", build: caught("with closing(asyncio.new_event_loop()) as loop:", "_UnixSelectorEventLoop", false)},
		{name: "a loop that can be entered", build: caught(line, "OwnLoop", false)},
		{name: "a loop that was entered", build: caught(line, "_UnixSelectorEventLoop", true), want: []string{"warning loop-never-closed@12"}},
	})
}

// TestLoopThatCannotBeFollowed is about loops that are none of asyncio's (uvloop): their close() is not seen.
func TestLoopThatCannotBeFollowed(t *testing.T) {
	w := newWorld(12)
	lp := w.loop()
	lp.Class, lp.Stack, lp.At = "Loop", nil, nil
	res := Check(w.run, "")
	if len(res.Findings) != 0 || len(w.run.Health.Notes) != 1 || !strings.Contains(w.run.Health.Notes[0], "class Loop") {
		t.Errorf("got findings %v, notes %q", res.Findings, w.run.Health.Notes)
	}
}
