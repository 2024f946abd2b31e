package rule

import (
	"github.com/looptrace/looptrace/analyze"
)

func otherLoopRunning() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "other-loop-running", Severity: analyze.Error, Since: "0.1",
			Title: "run of a loop inside another one",
			Doc: `Code that was executing inside a running loop tried to run a second loop in the same thread; asyncio refused it
with "RuntimeError: Cannot run the event loop while another loop is running". The coroutine that was to run never ran.

**Reported** for every refused run of that kind. Typical is a synchronous helper with a private loop that works when it is
called from plain code and fails when it is called from a coroutine.

**Not reported**: a second loop in another thread, which is allowed; a run that must be refused, as a test says:
pytest.raises(), assertRaises().

**Fix**: make the helper a coroutine and await it; where it must stay synchronous, call it in a thread
(asyncio.to_thread() from 3.9, loop.run_in_executor() before).`,
		},
		Check: func(run *analyze.Run, report func(analyze.Finding)) { checkRefusals(run, "other-loop", report) },
	}
}
