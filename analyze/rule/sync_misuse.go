package rule

import (
	"github.com/looptrace/looptrace/analyze"
)

var syncMisuses = map[string][2]string{
	"Lock is not acquired.":                    {"a Lock was released that was not held", "release a lock once per acquire(): use async with"},
	"cannot wait on un-acquired lock":          {"Condition.wait() was called without the condition's lock", "call wait() inside of async with condition"},
	"cannot notify on un-acquired lock":        {"Condition.notify() was called without the condition's lock", "call notify() inside of async with condition"},
	"BoundedSemaphore released too many times": {"a BoundedSemaphore was released more often than acquired", "release once per acquire(): use async with"},
	"task_done() called too many times":        {"task_done() was called more often than items were put into the queue", "call task_done() once per get(), not again in a finally: or for an item that was never got"},
	"QueueShutDown":                            {"an item was put into a queue after its shutdown(); it was dropped", "shut the queue down after its producers have ended"},
	"Barrier aborted":                          {"a task waited at a barrier that was broken", "reset() the barrier after an abort(), or let no one wait at it any more"},
	"Abort or reset of barrier":                {"a task waited at a barrier that was aborted or reset under it", "catch BrokenBarrierError where abort() and reset() are meant to wake waiters"},
}

// protocol holds the words of exceptions that a program is meant to catch: they are how the end of something is told.
var protocol = map[string]bool{"QueueShutDown": true, "Barrier aborted": true, "Abort or reset of barrier": true}

func syncMisuse() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "sync-misuse", Severity: analyze.Error, Since: "0.2",
			Title: "lock, semaphore, condition, queue or barrier used out of turn",
			Doc: `A primitive of asyncio refused a call that does not match the ones before: release() of a lock that is not held, wait() or
notify() without the condition's lock, a BoundedSemaphore released too often, task_done() without an item, put() into a queue
that was shut down (3.13+), wait() at a broken barrier (3.11+).

**Reported** for every refused call. As a warning where the program caught the error: nothing was lost, but what the primitive
protects is not protected as its author believes. As a note where a handler names the error and goes on without a word, and
where a broken barrier ended a task.

**Not reported**: QueueShutDown and BrokenBarrierError that the program caught, because that is how a shutdown() or abort() is
told; QueueFull and QueueEmpty; what a library tries and deals with itself.

**Fix**: async with in place of acquire() and release(); one task_done() per get().`,
		},
		Check: func(run *analyze.Run, report func(analyze.Finding)) {
			checkMisuse(run, syncMisuses, analyze.Warning, report)
		},
	}
}
