package rule

import (
	"slices"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// resumedRun builds a run that exception left with its target pending, and another one in which that took steps.
func resumedRun(exception string, steps int, change func(first, second *analyze.LoopRun)) func(w *world) {
	return func(w *world) {
		lp := w.loop()
		first := w.ran(lp, exception)
		first.TargetDone = false
		second := w.ran(lp, "")
		f := at(6, "<module>", "loop.run_until_complete(report())")
		second.At = &f
		first.Target.Outcome, first.Target.EndedNS = "returned", second.EndNS
		first.Resumed = &analyze.Resumption{In: second, Steps: steps}
		if change != nil {
			change(first, second)
		}
		w.closed(lp)
	}
}

func TestResumedZombie(t *testing.T) {
	zombie := []string{"warning resumed-zombie@5"}
	try(t, []scenario{
		{name: "Ctrl-C", build: resumedRun(keyboardInterrupt, 5, nil), want: zombie},
		{name: "sys.exit() in a callback", build: resumedRun(systemExit, 5, nil), want: zombie},
		{name: "never ended", want: zombie, build: resumedRun(keyboardInterrupt, 1, func(r, _ *analyze.LoopRun) {
			r.Target.Outcome, r.Target.EndedNS = "pending", 0
		})},
		{name: "returned soon", build: resumedRun(keyboardInterrupt, 1, nil)},
		{name: "resumed on purpose", build: resumedRun(keyboardInterrupt, 5, func(r, again *analyze.LoopRun) { again.Target = r.Target })},
		{name: "run_forever()", build: resumedRun(keyboardInterrupt, 5, func(_, again *analyze.LoopRun) { again.Target = nil })},
		{name: "cancelled before", build: resumedRun(keyboardInterrupt, 5, func(r, _ *analyze.LoopRun) { r.Resumed.Cancelled = true })},
		{name: "asyncio's clean-up", build: resumedRun(keyboardInterrupt, 5, func(_, again *analyze.LoopRun) {
			again.Target.Site.Coro = "BaseEventLoop.shutdown_asyncgens"
		})},
	})
}

func TestInterrupted(t *testing.T) {
	notes := func(build func(w *world)) []string {
		var rules []string
		for _, f := range Check(scenario{build: build}.world().run, "test").Findings {
			rules = append(rules, string(f.Severity)+" "+f.Rule)
		}
		return rules
	}
	sigint := func(outcome string) func(w *world) {
		return func(w *world) {
			lp := w.loop()
			r := w.ran(lp, "CancelledError")
			r.Target.Outcome = outcome
			r.Target.Cancels = []analyze.Cancel{{TimeNS: w.tick(), Stack: stack(lib("asyncio/runners.py", "_on_sigint"))}}
			w.closed(lp)
		}
	}
	for name, c := range map[string]struct {
		build func(w *world)
		want  []string
	}{
		"left the run":      {func(w *world) { lp := w.loop(); w.ran(lp, keyboardInterrupt); w.closed(lp) }, []string{"note interrupted"}},
		"cancelled main":    {sigint("cancelled"), []string{"note interrupted"}},
		"main caught it":    {sigint("returned"), nil},
		"told by the close": {left(keyboardInterrupt, nil), []string{"error pending-at-close"}},
	} {
		if got := notes(c.build); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
