package rule

import (
	"github.com/looptrace/looptrace/analyze"
)

var awaitMisuses = map[string][2]string{
	"Task cannot await on itself":                       {"a task awaited itself", "await another task: nothing can wait for its own end"},
	"Task got bad yield":                                {"a coroutine suspended on something that is no future of asyncio", "await what asyncio made; a library for another framework (trio, curio) cannot be awaited here"},
	"yield was used instead of yield from":              {"a coroutine yielded a future instead of awaiting it", "use await in place of yield"},
	"await wasn't used with future":                     {"a future was iterated by hand instead of awaited", "use await, in a coroutine that a task runs"},
	"cannot reuse already awaited coroutine":            {"a coroutine object was awaited a second time", "call the coroutine function anew for every await, or make a task and await that"},
	"coroutine is being awaited already":                {"a coroutine object was awaited by two at once", "make a task of it; a task can be awaited by many"},
	"coroutine raised StopIteration":                    {"StopIteration left a coroutine", "raise another exception, or return"},
	"_step(): already done":                             {"a task that was done was stepped again", "leave the steps of a task to the loop"},
	"object can't be used in 'await' expression":        {"something that is not awaitable was awaited", "await a coroutine, a task or a future; a plain function's result needs no await"},
	"object can't be awaited":                           {"something that is not awaitable was awaited", "await a coroutine, a task or a future; a plain function's result needs no await"},
	"a coroutine was expected":                          {"something that is no coroutine was to run as one", "call the coroutine function: asyncio.run(main()), not asyncio.run(main)"},
	"An asyncio.Future, a coroutine or an awaitable is": {"something that is not awaitable was to be awaited", "pass coroutines, tasks or futures; call the coroutine function"},
}

func awaitMisuse() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "await-misuse", Severity: analyze.Error, Since: "0.2",
			Title: "await of something that cannot be awaited there",
			Doc: `A task awaited itself, a coroutine object was awaited twice or by two at once, or something was awaited that is no
awaitable of asyncio; and the RuntimeError or TypeError ended a task, a callback, a thread or the process.

**Reported** when the error ended something.

**Not reported**: one that the program caught.

**Fix**: make a task of a coroutine that is awaited more than once. Call a coroutine function anew for every await.`,
		},
		Check: func(run *analyze.Run, report func(analyze.Finding)) {
			checkMisuse(run, awaitMisuses, analyze.Error, report)
		},
	}
}
