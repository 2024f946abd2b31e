package rule

import (
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

func refusedIs(cause string) []string { return []string{"error close-running-loop/" + cause + "@9"} }

func TestCloseRunningLoopCauses(t *testing.T) {
	refused := func(change func(w *world, c *analyze.Close)) func(w *world) {
		return func(w *world) {
			lp := w.loop()
			tk := w.task(lp, "main", "main")
			c := w.refuses(lp, tk)
			if change != nil {
				change(w, c)
			}
		}
	}
	refuse := func(w *world, c *analyze.Close, function string) {
		f := at(7, function, "loop.run_until_complete(job())")
		w.p.Refusals = append(w.p.Refusals, analyze.RunRefusal{
			TimeNS: c.TimeNS - 1, Loop: c.Loop, API: "run_until_complete", Reason: "already-running",
			Message: "This event loop is already running", Thread: c.Thread, Task: c.Task, Stack: stack(f), At: &f,
		})
	}
	try(t, []scenario{
		{name: "coroutine", build: refused(nil), want: refusedIs(causeCoroutine)},
		{name: "callback", build: refused(func(_ *world, c *analyze.Close) { c.Task = nil }), want: refusedIs(causeCallback)},
		{name: "signal handler", build: refused(func(_ *world, c *analyze.Close) { c.Task, c.Signal = nil, 15 }), want: refusedIs(causeCallback)},
		{name: "thread", build: refused(func(_ *world, c *analyze.Close) { c.Task, c.Thread = nil, "closer" }), want: refusedIs(causeOtherThread)},
		{name: "destructor", build: refused(func(_ *world, c *analyze.Close) {
			c.Stack = append(stack(at(9, "__del__", "loop.close()")), c.Stack...)
		}), want: refusedIs(causeFinalizer)},
		{name: "forked child", build: refused(func(_ *world, c *analyze.Close) { c.OtherProcess = true }), want: refusedIs(causeForkInherited)},
		{
			name: "clean-up of a refused run", build: refused(func(w *world, c *analyze.Close) { refuse(w, c, "shutdown") }),
			want: []string{"error close-running-loop/already-running@9", "warning loop-already-running@7"},
		},
		{
			name: "an unrelated refused run", build: refused(func(w *world, c *analyze.Close) { refuse(w, c, "elsewhere") }),
			want: []string{"error loop-already-running@7", "error close-running-loop/close-in-coroutine@9"},
		},
	})
}

func TestCloseRunningLoopIsSilent(t *testing.T) {
	try(t, []scenario{
		{name: "by the destructor of the loop", build: func(w *world) {
			lp := w.loop()
			w.ran(lp, "")
			w.close(lp, "refused").Implicit = true
			w.closed(lp)
		}},
		{name: "of a closed loop", build: func(w *world) {
			lp := w.loop()
			w.ran(lp, "")
			w.closed(lp)
			w.close(lp, "noop")
		}},
	})
}

func TestRefusedRuns(t *testing.T) {
	refused := func(reason string, change func(w *world, r *analyze.RunRefusal)) func(w *world) {
		return func(w *world) {
			lp := w.loop()
			w.ran(lp, "")
			f := at(12, "helper", "return loop.run_until_complete(job())")
			r := analyze.RunRefusal{TimeNS: lp.Runs[0].BeginNS, Loop: lp, API: "run_until_complete", Reason: reason, Thread: "MainThread", Task: lp.Runs[0].Target, Stack: stack(f), At: &f}
			if change != nil {
				change(w, &r)
			}
			w.p.Refusals = append(w.p.Refusals, r)
			w.closed(lp)
		}
	}
	try(t, []scenario{
		{name: "already running", build: refused("already-running", nil), want: []string{"error loop-already-running@12"}},
		{name: "inherited", build: refused("already-running", func(_ *world, r *analyze.RunRefusal) { r.Loop = &analyze.Loop{Inherited: r.Loop} }), want: []string{"error loop-already-running/fork-inherited-loop@12"}},
		{name: "other loop", build: refused("other-loop", nil), want: []string{"error other-loop-running@12"}},
		{name: "nested", build: refused("nested-run", nil), want: []string{"error nested-run@12"}},
		{name: "a library tries", build: refused("nested-run", func(_ *world, r *analyze.RunRefusal) {
			r.Stack = append(stack(site("notebook", "probe")), r.Stack...)
		}), want: []string{"warning nested-run@12"}},
		{name: "a test says so", build: refused("nested-run", func(_ *world, r *analyze.RunRefusal) { r.Expected = "asserted" })},
		{name: "a handler says so", build: refused("nested-run", func(_ *world, r *analyze.RunRefusal) { r.Expected = "named" }), want: []string{"error nested-run@12"}},
		{name: "closed", build: refused("closed", nil)},
		{name: "a runner cleans up", build: refused("nested-run", func(w *world, r *analyze.RunRefusal) {
			r2 := *r
			r2.TimeNS, r2.Reason, r2.Stack = r.TimeNS+1, "other-loop", append(stack(lib("asyncio/runners.py", "close")), r.Stack...)
			w.p.Refusals = append(w.p.Refusals, r2)
		}), want: []string{"error nested-run@12"}},
	})
}
