package rule

import (
	"github.com/looptrace/looptrace/analyze"
)

func nestedRun() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "nested-run", Severity: analyze.Error, Since: "0.1",
			Title: "asyncio.run() inside a running loop",
			Doc: `asyncio.run() or Runner.run() was called by code that a loop was already running; it is refused with
"RuntimeError: asyncio.run() cannot be called from a running event loop". The coroutine that was to run never ran.

**Reported** for every refused call: a synchronous interface around asyncio.run() that is used in asynchronous code, or a
notebook cell, whose kernel runs a loop.

**Not reported**: a call that must be refused, as a test says: pytest.raises(), assertRaises().

**Fix**: await the coroutine; make the function between an async one; where it must stay synchronous, call it in a thread.

**Known**: the coroutine object that was passed is always left un-awaited, so the interpreter warns about it as well.`,
		},
		Check: func(run *analyze.Run, report func(analyze.Finding)) { checkRefusals(run, "nested-run", report) },
	}
}
