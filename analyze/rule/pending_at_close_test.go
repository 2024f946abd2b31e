package rule

import (
	"slices"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// left builds a run that ended with exception and a close that dropped one task, which change may alter.
func left(exception string, change func(w *world, c *analyze.Close, l *analyze.Live)) func(w *world) {
	return func(w *world) {
		lp := w.loop()
		t := w.task(lp, "worker", "work")
		r := w.ran(lp, exception)
		if exception == stoppedText {
			r.Exception, r.Message, r.Target.Outcome = "RuntimeError", stoppedText, "pending"
		}
		l := live(t)
		c := w.closed(lp, l)
		if change != nil {
			change(w, c, l)
		}
	}
}

func pendingIs(cause string) []string { return []string{"error pending-at-close/" + cause + "@9"} }

func TestPendingAtCloseCauses(t *testing.T) {
	const before = 4e6 // within the run
	handle := func(c *analyze.Close, kind string, frames ...analyze.Frame) {
		c.Handling = &analyze.Handling{Type: kind, Stack: frames, At: firstUser(frames)}
	}
	try(t, []scenario{
		{name: "never cancelled", build: left("", nil), want: pendingIs(causeNeverCancelled)},
		{name: "never took a step", want: pendingIs(causeTooLate), build: left("", func(_ *world, _ *analyze.Close, l *analyze.Live) {
			l.State, l.Steps, l.Task.Steps = "not-started", 0, 0
		})},
		{name: "cancelled, loop not run", want: pendingIs(causeNotAwaited), build: left("", func(w *world, _ *analyze.Close, l *analyze.Live) { w.cancel(l, 0) })},
		{name: "cancelled, wake-up on its way", want: pendingIs(causeNotAwaited), build: left("", func(w *world, _ *analyze.Close, l *analyze.Live) {
			w.cancel(l, 3)
			l.WaiterCancelled = true
		})},
		{name: "cancelled, went on", want: pendingIs(causeSwallowed), build: left("", func(w *world, _ *analyze.Close, l *analyze.Live) { w.cancel(l, 4) })},
		{name: "timeouts are no cancellation", minor: 12, want: pendingIs(causeNeverCancelled), build: left("", func(w *world, _ *analyze.Close, l *analyze.Live) {
			w.cancel(l, 4)
			l.Task.Cancels[0].Stack = stack(lib("asyncio/timeouts.py", "_on_timeout"))
			l.Cancelling = 1
		})},
		{name: "uncancelled", minor: 12, want: pendingIs(causeNeverCancelled), build: left("", func(w *world, _ *analyze.Close, l *analyze.Live) {
			w.cancel(l, 4)
			l.Cancelling = 0
		})},
		{name: "ctrl-c", want: pendingIs(causeInterrupted), build: left(keyboardInterrupt, nil)},
		{name: "ctrl-c, and then asyncgens", want: pendingIs(causeInterrupted), build: left(keyboardInterrupt, func(w *world, c *analyze.Close, _ *analyze.Live) {
			c.TimeNS += 1e9
			w.ran(c.Loop, "").Target.Site.Coro = "BaseEventLoop.shutdown_asyncgens"
		})},
		{name: "ctrl-c, then ran on", want: pendingIs(causeNeverCancelled), build: left(keyboardInterrupt, func(w *world, c *analyze.Close, _ *analyze.Live) {
			c.TimeNS += 1e9
			w.ran(c.Loop, "")
		})},
		{name: "error left the run", want: pendingIs(causeErrorSkipped), build: left("ValueError", nil)},
		{name: "gather raised", want: pendingIs(causeSiblings), build: left("", func(_ *world, _ *analyze.Close, l *analyze.Live) { l.AwaitedBy = []string{"gather:raised"} })},
		{name: "gather pending", want: pendingIs(causeNeverCancelled), build: left("", func(_ *world, _ *analyze.Close, l *analyze.Live) { l.AwaitedBy = []string{"gather:pending"} })},
		{name: "shield gone", want: pendingIs(causeShield), build: left("", func(_ *world, _ *analyze.Close, l *analyze.Live) {
			l.Task.Shielded = stack(at(14, "main", "await asyncio.wait_for(asyncio.shield(t), 1)"))
		})},
		{name: "shield still waiting", want: pendingIs(causeNeverCancelled), build: left("", func(_ *world, _ *analyze.Close, l *analyze.Live) {
			l.Task.Shielded, l.AwaitedBy = stack(at(14, "main", "await asyncio.shield(t)")), []string{"shield:pending"}
		})},
		{name: "wait timed out", want: pendingIs(causeWaitTimeout), build: left("", func(_ *world, c *analyze.Close, l *analyze.Live) {
			c.Loop.Waits = []analyze.WaitReturned{{TimeNS: before, TimedOut: true, Left: []*analyze.Task{l.Task}}}
		})},
		{name: "wait timed out with some done", want: pendingIs(causeWaitTimeout), build: left("", func(_ *world, c *analyze.Close, l *analyze.Live) {
			f := at(13, "main", "done, pending = await asyncio.wait(tasks, timeout=1)")
			c.Loop.Waits = []analyze.WaitReturned{{TimeNS: before, At: &f, Left: []*analyze.Task{l.Task}}}
		})},
		{name: "wait for the first, with a timeout", want: pendingIs(causeNeverCancelled), build: left("", func(_ *world, c *analyze.Close, l *analyze.Live) {
			f := at(13, "main", "await asyncio.wait(tasks, timeout=1, return_when=asyncio.FIRST_COMPLETED)")
			c.Loop.Waits = []analyze.WaitReturned{{TimeNS: before, At: &f, Left: []*analyze.Task{l.Task}}}
		})},
		{name: "wait for the first", want: pendingIs(causeNeverCancelled), build: left("", func(_ *world, c *analyze.Close, l *analyze.Live) {
			c.Loop.Waits = []analyze.WaitReturned{{TimeNS: before, Left: []*analyze.Task{l.Task}}}
		})},
		{name: "server handler", want: pendingIs(causeServerHandlers), build: left("", func(_ *world, _ *analyze.Close, l *analyze.Live) {
			l.Task.Site.Via = "asyncio/streams.py:connection_made"
		})},
		{name: "executor job", want: pendingIs(causeExecutor), build: left("", func(_ *world, _ *analyze.Close, l *analyze.Live) { l.On.Kind = "executor" })},
		{name: "library closed it", want: pendingIs(causeForeignLoop), build: left("", func(_ *world, c *analyze.Close, _ *analyze.Live) {
			c.Stack = stack(site("helper", "finish"), *c.At)
		})},
		{name: "library closed its own", want: pendingIs(causeNeverCancelled), build: left("", func(_ *world, c *analyze.Close, _ *analyze.Live) {
			c.Stack, c.Loop.Stack = stack(site("helper", "finish"), *c.At), stack(site("helper", "start"), *c.At)
		})},
		{name: "clean-up crashed", want: []string{"error pending-at-close/cleanup-crashed@7"}, build: left(keyboardInterrupt, func(_ *world, c *analyze.Close, _ *analyze.Live) {
			handle(c, "AttributeError", at(7, "shutdown", "task.cancel()"), at(8, "<module>", "shutdown(tasks)"))
		})},
		{name: "the run's own error", want: pendingIs(causeErrorSkipped), build: left("ValueError", func(_ *world, c *analyze.Close, _ *analyze.Live) {
			handle(c, "ValueError", at(22, "main", "raise ValueError"), lib("asyncio/base_events.py", "run_until_complete"), at(5, "<module>", "loop.run_until_complete(main())"))
		})},
		{name: "an older error, handled further out", want: pendingIs(causeNeverCancelled), build: left("", func(_ *world, c *analyze.Close, _ *analyze.Live) {
			handle(c, "ImportError", at(3, "<module>", "import fast_loop"))
		})},
		{name: "sys.exit() is no crash", want: pendingIs(causeNeverCancelled), build: left("", func(_ *world, c *analyze.Close, _ *analyze.Live) {
			handle(c, systemExit, at(7, "<module>", "sys.exit(0)"))
		})},
	})
}

func TestPendingAtCloseIsSilent(t *testing.T) {
	try(t, []scenario{
		{name: "cancelled, drained, closed", build: func(w *world) {
			lp := w.loop()
			tk := w.done(lp, "worker")
			tk.Outcome = "cancelled"
			w.ran(lp, keyboardInterrupt)
			w.ran(lp, "")
			w.closed(lp)
		}},
		{name: "second close", build: func(w *world) {
			lp := w.loop()
			w.ran(lp, "")
			w.closed(lp)
			w.close(lp, "noop", live(w.task(lp, "x", "x")))
		}},
		{name: "forked child closes its copy", build: func(w *world) {
			lp := w.loop()
			tk := w.task(lp, "worker", "work")
			tk.Inherited = tk
			w.closed(lp, live(tk)).OtherProcess = true
		}},
	})
}

func TestStopCauses(t *testing.T) {
	stopped := func(signal int, alone bool) func(w *world) {
		return left(stoppedText, func(w *world, c *analyze.Close, l *analyze.Live) {
			r := c.Loop.Runs[0]
			s := &analyze.Stop{TimeNS: r.EndNS - 1, Thread: "MainThread", Signal: signal, Run: r, TargetPending: true}
			c.Loop.Stops = append(c.Loop.Stops, s)
			if alone {
				c.Live[0] = live(r.Target)
			}
		})
	}
	try(t, []scenario{
		{name: "signal", build: stopped(15, false), want: []string{"error stopped-before-complete/stop-from-signal-handler@5", "warning pending-at-close/stop-from-signal-handler@9"}},
		{name: "task", build: stopped(0, false), want: []string{"error stopped-before-complete/stop-in-task@5", "warning pending-at-close/stop-in-task@9"}},
		{name: "only the target was left", build: stopped(0, true), want: []string{"error stopped-before-complete/stop-in-task@5"}},
		{name: "stop of run_forever", want: pendingIs(causeNeverCancelled), build: left("", func(_ *world, c *analyze.Close, _ *analyze.Live) {
			r := c.Loop.Runs[0]
			r.API, r.Target, r.Stopped = "run_forever", nil, true
			c.Loop.Stops = append(c.Loop.Stops, &analyze.Stop{TimeNS: r.EndNS - 1, Run: r})
		})},
	})
}

func TestMixedCausesAreOneFinding(t *testing.T) {
	w := newWorld(12)
	lp := w.loop()
	a, b, c := live(w.task(lp, "late", "late")), live(w.task(lp, "told", "told")), live(w.task(lp, "other", "other"))
	w.ran(lp, "")
	a.State = "not-started"
	w.cancel(b, 0)
	w.closed(lp, a, b, c)
	found := Check(w.run, "").Findings
	if got := tell(found); !slices.Equal(got, pendingIs(causeNotAwaited)) {
		t.Fatalf("got %q", got)
	}
	if len(found[0].Tasks) != 3 {
		t.Errorf("%d tasks, want all 3", len(found[0].Tasks))
	}
	var texts []string
	for _, e := range found[0].Evidence {
		texts = append(texts, e.Text)
	}
	all := strings.Join(texts, "\n")
	for _, want := range []string{causeTooLate, causeNeverCancelled} {
		if !strings.Contains(all, want) {
			t.Errorf("evidence does not tell %s:\n%s", want, all)
		}
	}
}

func TestFixSuitsTheVersion(t *testing.T) {
	siblings := left("", func(_ *world, _ *analyze.Close, l *analyze.Live) { l.AwaitedBy = []string{"gather:raised"} })
	for _, c := range []struct {
		minor   int
		build   func(*world)
		has     string
		without string
	}{
		{8, left("", nil), "loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))", "shutdown_default_executor"},
		{9, left("", nil), "shutdown_default_executor", "TaskGroup"},
		{10, siblings, "asyncio.gather(*tasks)", "TaskGroup"},
		{11, siblings, "asyncio.TaskGroup()", "ensure_future"},
	} {
		w := newWorld(c.minor)
		c.build(w)
		code := Check(w.run, "").Findings[0].Fix.Code
		if !strings.Contains(code, c.has) || strings.Contains(code, c.without) {
			t.Errorf("3.%d: want %q and no %q in\n%s", c.minor, c.has, c.without, code)
		}
	}
}

func TestFixUsesTheProgramsNames(t *testing.T) {
	w := newWorld(12)
	left("", func(_ *world, c *analyze.Close, _ *analyze.Live) {
		c.At.Text = "self._loop.close()"
	})(w)
	if code := Check(w.run, "").Findings[0].Fix.Code; !strings.Contains(code, "self._loop.run_until_complete(") {
		t.Errorf("the loop's name is not used:\n%s", code)
	}
}
