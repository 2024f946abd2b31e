package rule

import (
	"github.com/looptrace/looptrace/analyze"
)

var timeoutMisuses = map[string][2]string{
	"Timeout has not been entered":         {"a Timeout was rescheduled before its async with", "call reschedule() inside of the async with of the timeout"},
	"Timeout has already been entered":     {"a Timeout was entered twice", "make a new asyncio.timeout() for every async with"},
	"Timeout should be used inside a task": {"a Timeout was entered outside of a task", "enter the timeout in a coroutine that a task runs"},
	"Cannot change state of Timeout":       {"a Timeout was rescheduled when it was over", "call reschedule() before the async with of the timeout ends, and before it has expired"},
}

func timeoutMisuse() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "timeout-misuse", Severity: analyze.Error, Since: "0.2",
			Title: "Timeout used outside of its lifetime",
			Doc: `An asyncio.Timeout (3.11+) can be entered once, in a task, and rescheduled from then until it expires or its async with
ends. Everything else is refused with a RuntimeError ("has not been entered", "has already been entered", "should be used
inside a task", "Cannot change state of ... Timeout").

**Reported** for every refused call. As a warning where the program caught the error.

**Not reported**: the TimeoutError of a timeout that expired; what a library tries and deals with itself, or a handler
of the program names and passes over, is a note.

**Fix**: one asyncio.timeout() per async with, rescheduled only inside of it.`,
		},
		Check: func(run *analyze.Run, report func(analyze.Finding)) {
			checkMisuse(run, timeoutMisuses, analyze.Warning, report)
		},
	}
}
