package rule

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/looptrace/looptrace/analyze"
)

const (
	causeStopped      = "loop-stopped"
	causeNeverStarted = "loop-never-started"
)

// patience is how long a loop may take to begin to run after a call before it is said that it never did.
const patience = int64(300 * time.Millisecond)

func stoppedLoopCall() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "stopped-loop-call", Severity: analyze.Error, Since: "0.2",
			Title: "threadsafe call to a loop that never runs again",
			Doc: `run_coroutine_threadsafe() or call_soon_threadsafe() was called on a loop that did not run, and that never ran
afterwards. asyncio accepts such a call: it is queued, nothing is raised, and it is lost. The .result() of such a future
waits for ever.

**Reported** as an error for run_coroutine_threadsafe(), as a warning for call_soon_threadsafe(), where no run of the loop
began after the call.

**Not reported**: a call that a later run executed, one that asks the stopped loop to stop, and calls that the library
makes on its own account (results of executors, clean-up of generators).

**Fix**: stop the loop after its last user has ended, not before; start its thread before handing it work.`,
			Causes: []analyze.CauseInfo{
				{ID: causeStopped, Doc: "The loop had run before and was stopped, or its run had ended, when the call came."},
				{ID: causeNeverStarted, Doc: "The loop was opened, and nothing ever ran it: typically the thread that should call run_forever() was not started."},
			},
		},
		Check: checkStoppedCalls,
	}
}

func checkStoppedCalls(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		for i := range p.StoppedCalls {
			c := &p.StoppedCalls[i]
			if c.Loop == nil || c.Inherited || harmless(c) || !neverRanAfter(p, c) {
				continue
			}
			f := analyze.Finding{
				Cause: causeStopped, At: c.At, Process: p, Loop: c.Loop,
				Message: stoppedCallMessage(c), Evidence: stoppedCallEvidence(p, c), Fix: stoppedCallFix(c),
			}
			if len(c.Loop.Runs) == 0 {
				f.Cause = causeNeverStarted
			}
			if c.Call != "run_coroutine_threadsafe" || c.At == nil {
				f.Severity = analyze.Warning
			}
			report(f)
		}
	}
}

// harmless holds for what need not be executed: stop() on a loop that is not running.
func harmless(c *analyze.StoppedCall) bool {
	return c.Callback == "stop" || strings.HasSuffix(c.Callback, ".stop")
}

// neverRanAfter reports whether the call was lost, as far as that can be told.
func neverRanAfter(p *analyze.Process, c *analyze.StoppedCall) bool {
	for _, r := range c.Loop.Runs {
		if r.BeginNS >= c.TimeNS || r.EndNS == 0 || r.EndNS >= c.TimeNS {
			return false // also one that was about to end just then
		}
	}
	if c.Loop.ClosedBy != nil && c.Loop.ClosedBy.TimeNS < c.TimeNS {
		return false // refused
	}
	return len(c.Loop.Runs) > 0 || c.Loop.ClosedBy != nil || p.Exit.TimeNS-c.TimeNS >= patience
}

func stoppedCallMessage(c *analyze.StoppedCall) string {
	what := "its callback was queued and lost"
	if c.Call == "run_coroutine_threadsafe" {
		what = "the coroutine never ran, and .result() would wait for ever"
	}
	state := "a loop that had stopped"
	if len(c.Loop.Runs) == 0 {
		state = "a loop that nobody ever ran"
	}
	return fmt.Sprintf("thread %s called %s() on %s: %s", c.Thread, cmp.Or(c.Call, "call_soon_threadsafe"), state, what)
}

func stoppedCallEvidence(p *analyze.Process, c *analyze.StoppedCall) []analyze.Evidence {
	var e evidence
	e.add(c.TimeNS, c.At, "%s() in thread %s; no run of the loop began afterwards", c.Call, c.Thread)
	runs := ran(c.Loop, c.TimeNS)
	if n := len(runs); n > 0 {
		r := runs[n-1]
		e.add(r.EndNS, r.At, "the last run of the loop, in thread %s, had ended", r.Thread)
	}
	for i := len(c.Loop.Stops) - 1; i >= 0; i-- {
		if s := c.Loop.Stops[i]; s.TimeNS < c.TimeNS && s.At != nil {
			e.add(s.TimeNS, s.At, "the loop had been stopped here%s", inFunction(s.At))
			break
		}
	}
	if c.Loop.At != nil {
		e.add(c.Loop.OpenedNS, c.Loop.At, "the loop was opened here")
	}
	return e
}

func stoppedCallFix(c *analyze.StoppedCall) analyze.Fix {
	name := loopName(c.Loop, nil)
	if len(c.Loop.Runs) == 0 {
		return analyze.Fix{
			Summary: "run the loop in a thread before handing it work",
			Code:    lines("thread = threading.Thread(target="+name+".run_forever, daemon=True)", "thread.start()", "future = asyncio.run_coroutine_threadsafe(coro(), "+name+")"),
		}
	}
	return analyze.Fix{
		Summary: "stop the loop last, when nobody has work for it any more; and never wait without a limit",
		Code:    lines("future = asyncio.run_coroutine_threadsafe(coro(), "+name+")", "future.result(timeout=10)", "# only then:", name+".call_soon_threadsafe("+name+".stop)"),
	}
}
