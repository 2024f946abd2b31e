package rule

import (
	"github.com/looptrace/looptrace/analyze"
)

func loopAlreadyRunning() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "loop-already-running", Severity: analyze.Error, Since: "0.1",
			Title: "run of a loop that is already running",
			Doc: `run_until_complete() or run_forever() was called on a loop that was running, and asyncio refused it with
"RuntimeError: This event loop is already running". The coroutine that was to run never ran.

**Reported** for every refused run of that kind: synchronous code that was called from a coroutine and runs the current
loop, a notebook cell, or a second thread that runs the loop of another one. As a warning only where a refused close() of
the same clean-up is reported as the error (close-running-loop, cause already-running), and where a library made the call.

**Not reported**: a run that must be refused, as a test says: pytest.raises(), assertRaises().

**Fix**: in a coroutine use await. From another thread hand the coroutine over with
asyncio.run_coroutine_threadsafe(coro, loop).result().

**Known**: if a finally: behind the refused run closes the loop, the error that is seen is "Cannot close a running event
loop"; see close-running-loop. The refused coroutine is usually reported as "never awaited" by the interpreter too.`,
			Causes: []analyze.CauseInfo{
				{ID: causeForkInherited, Doc: "A forked child ran the loop that it inherited; the copy is marked as running because it ran in the parent when it forked."},
			},
		},
		Check: func(run *analyze.Run, report func(analyze.Finding)) { checkRefusals(run, "already-running", report) },
	}
}
