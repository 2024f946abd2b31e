package rule

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

// Causes of pending-at-close, beside those of stop().
const (
	causeTooLate        = "scheduled-too-late"
	causeCrashed        = "cleanup-crashed"
	causeNotAwaited     = "cancel-not-awaited"
	causeSwallowed      = "cancel-swallowed"
	causeInterrupted    = "interrupted"
	causeSiblings       = "gather-siblings-left"
	causeShield         = "shield-inner-left"
	causeWaitTimeout    = "wait-timeout-left"
	causeErrorSkipped   = "error-skipped-cleanup"
	causeServerHandlers = "server-handlers-left"
	causeExecutor       = "executor-job-running"
	causeForeignLoop    = "library-closed-foreign-loop"
	causeNeverCancelled = "never-cancelled"
)

func pendingAtClose() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "pending-at-close", Severity: analyze.Error, Since: "0.1", PerTask: true,
			Title: "tasks or goroutines still pending at a close",
			Doc: `The loop was closed while tasks of it were not done. They can never go on: their work is lost in the middle, their
finally: blocks run when they are garbage collected, if ever, and cannot await anything.

**Reported** for every close() that closed a loop with tasks left, one finding per close, and test that made tasks. When different tasks were left
for different reasons, the cause is the most specific one and the evidence tells the others. As a warning where another
finding is the error that led to it (stopped-before-complete the stop(), task-leak the tasks that pile up,
subprocess-outlives-loop the child that they wait for, a refused call the error that ended the run), and for tasks that are asyncio's own.

**Not reported**: tasks that were done or that asyncio.run() cancelled and awaited before; copies of the parent's tasks in
a forked child; a close that the interpreter makes itself when it collects the loop (see loop-never-closed).

**Fix**: before the close cancel the tasks, run the loop until they have ended, then close:
asyncio.all_tasks(loop), task.cancel(), loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True)).
asyncio.run() does it by itself. cancel() alone is only a request that the loop delivers in its next iteration.

**Known**: CPython prints "Task was destroyed but it is pending!" for some of these tasks only. It says nothing for tasks
that gather() wrapped, for the one that run_until_complete() wrapped, for those that are still referenced at exit, and
when the program has its own exception handler.` + pendingGo,
			Causes: append(pendingCauses(), goPendingCauses()...),
		},
		Check: checkPending, CheckGo: checkPendingGo,
	}
}

func pendingCauses() []analyze.CauseInfo {
	causes := []analyze.CauseInfo{
		{ID: causeTooLate, Doc: "The task never took a step: it was spawned when the loop was about to stop, or the loop never ran. Await it before returning."},
		{ID: causeCrashed, Doc: "The program's clean-up itself failed between the run and the close; the close in a finally: then dropped what the clean-up was to end. Typical: coroutines are kept instead of tasks, and a coroutine has no cancel()."},
		{ID: causeNotAwaited, Doc: "cancel() was called, but the loop did not run afterwards, so no task ever saw it. Run the loop until the tasks have ended."},
		{ID: causeSwallowed, Doc: "The task got its cancellation and went on: it catches CancelledError (or everything), or its clean-up still waits for something. Re-raise it, and await the task before closing."},
		{ID: causeInterrupted, Doc: "Ctrl-C ended the run, and the loop was closed without cancelling what was left. Cancel all tasks in the except or finally block."},
	}
	causes = append(causes, stopCauses...)
	return append(causes, []analyze.CauseInfo{
		{ID: causeSiblings, Doc: "gather() raised the first error at once; the other awaitables went on, unowned. Use a TaskGroup (3.11+) or cancel the rest."},
		{ID: causeShield, Doc: "The task was shielded: whoever awaited it was cancelled or timed out, the task itself was not. Cancel and await it as well."},
		{ID: causeWaitTimeout, Doc: "asyncio.wait() timed out and gave back pending tasks; unlike wait_for() it does not cancel them. Cancel and await them."},
		{ID: causeErrorSkipped, Doc: "An exception left the run, and the close in a finally: was all the clean-up there was. Cancel and await the tasks there as well."},
		{ID: causeServerHandlers, Doc: "Handlers of a stream server were still serving connections; closing the server does not end them. Close their writers and await them."},
		{ID: causeExecutor, Doc: "The task waited for a job in an executor thread, which close() does not wait for. Await the job, or give it a time limit of its own."},
		{ID: causeForeignLoop, Doc: "A library closed a loop that it neither opened nor ran. A library must close its own loop only."},
		{ID: causeNeverCancelled, Doc: "Nobody cancelled the tasks, and the loop was closed under them. Cancel them and run the loop until they have ended, or use asyncio.run()."},
	}...)
}

func checkPending(run *analyze.Run, report func(analyze.Finding)) {
	for _, c := range run.Closes {
		left := own(c.Live)
		if c.Outcome != "closed" || c.Implicit || c.OtherProcess || c.Loop == nil || len(left) == 0 {
			continue
		}
		for _, left := range byTest(left) {
			cl := closing{Close: c, all: run, left: left}
			cl.look()
			report(cl.finding())
		}
	}
}

// finding returns the finding about a close that left tasks.
func (cl *closing) finding() analyze.Finding {
	groups := cl.byCause()
	main := groups[0]
	f := analyze.Finding{
		Cause: main.cause, At: cl.At, Process: cl.Process, Loop: cl.Loop, Close: cl.Close,
		Tasks:    tasksOf(cl.left),
		Evidence: cl.evidence(main),
	}
	if main.cause == causeCrashed {
		f.At = cl.crash
	}
	f.Message = cl.message(main)
	f.Fix = cl.fix(main)
	for _, g := range groups[1:] {
		e := evidence(f.Evidence)
		e.add(-1, nil, "%s %s for another reason: %s", theTasks(tasksOf(g.live)), verb(len(g.live), "was left", "were left"), g.cause)
		f.Evidence = e
	}
	if cl.internal() {
		f.Severity = analyze.Warning // asyncio's or a library's own tasks: nothing of the program was dropped
	}
	return f
}

// internal reports whether no task that was left is the program's own.
func (cl *closing) internal() bool {
	for _, l := range cl.left {
		if l.At != nil || l.Task.Site == nil || l.Task.Site.Via == "" {
			return false
		}
	}
	return true
}

// message is one sentence: what was dropped, and what went wrong before.
func (cl *closing) message(g group) string {
	dropped := loopName(cl.Loop, cl.Close) + ".close()"
	if objectOf(cl.At, "close") == "" {
		dropped = "closing the loop"
	}
	dropped += " dropped " + theTasks(tasksOf(cl.left)) + " still pending"
	if g.cause == causeCrashed {
		return fmt.Sprintf("the clean-up failed with %s at %s, so %s", cl.Handling.Type, place(cl.Process, cl.crash), dropped)
	}
	if why := cl.secondGeneration(g); why != "" {
		return dropped + ": " + why
	}
	if why := cl.wholeReason(g); why != "" {
		return dropped + ": " + why
	}
	return dropped + ": " + cl.taskReason(g)
}

// wholeReason says what went wrong with the close as a whole, "" if the cause is one of single tasks.
func (cl *closing) wholeReason(g group) string {
	them := verb(len(cl.left), "it", "them")
	switch g.cause {
	case causeInterrupted:
		return "Ctrl-C ended the run, and nobody cancelled " + them
	case causeStopSignal, causeStopInTask:
		return stopper(cl.stop) + " had ended the run before its main coroutine was done"
	case causeErrorSkipped:
		raised := cl.failed.Exception
		if at := firstUser(cl.failed.RaisedAt); at != nil {
			raised += " of " + place(cl.Process, at)
		}
		return fmt.Sprintf("%s ended the run, and nobody cancelled %s before the close", raised, them)
	case causeForeignLoop:
		return "the loop was closed by " + cl.closer + ", which neither opened nor ran it"
	case causeNeverCancelled:
		return "nobody cancelled " + them
	case causeTooLate:
		if cl.main == nil {
			return "the loop never ran"
		}
	}
	return ""
}

// taskReason says what went wrong with the tasks of one group.
func (cl *closing) taskReason(g group) string {
	n := len(g.live)
	they, them := verb(n, "it", "they"), verb(n, "it", "them")
	if n < len(cl.left) {
		they = theTasks(tasksOf(g.live))
		them = they
	}
	switch g.cause {
	case causeTooLate:
		return they + " never took a step, spawned too late for the loop to run " + verb(n, "it", "them")
	case causeNotAwaited:
		return they + verb(n, " was", " were") + " cancelled, but the loop did not run again to deliver that"
	case causeSwallowed:
		return they + verb(n, " was", " were") + " cancelled and went on all the same"
	case causeSiblings:
		return "gather() had failed with the first error and left " + them + " to run on"
	case causeShield:
		return they + verb(n, " was", " were") + " shielded, and outlived whoever waited"
	case causeWaitTimeout:
		return "asyncio.wait() had timed out and left " + them + " running, not cancelled"
	case causeServerHandlers:
		return they + verb(n, " is a handler", " are handlers") + " of a stream server and still served a connection"
	}
	return they + " waited for a job in an executor thread that was not done"
}

// evidence returns what a verdict rests on.
func (cl *closing) evidence(g group) []analyze.Evidence {
	var e evidence
	e.add(cl.TimeNS, cl.At, "close() ran%s in thread %s", inFunction(cl.At), cl.Thread)
	if g.cause == causeCrashed {
		e.add(-1, cl.crash, "%s was raised here after the run and was being handled when close() ran", cl.Handling.Type)
	}
	if r := cl.main; r != nil {
		ended := "returned"
		if r.Exception != "" {
			ended = "raised " + r.Exception
		}
		e.add(r.EndNS, r.At, "%s() had %s before", r.API, ended)
	}
	switch g.cause {
	case causeNotAwaited, causeSwallowed:
		addCancels(&e, g.live)
	case causeSiblings:
		addFailedSibling(&e, cl, g.live)
	case causeStopInTask, causeStopSignal:
		e.add(cl.stop.TimeNS, cl.stop.At, "%s", stopper(cl.stop)[:len(stopper(cl.stop))-1])
	case causeShield:
		addShield(&e, g.live)
	case causeWaitTimeout:
		if w := cl.waitOf(g.live[0]); w != nil {
			e.add(w.TimeNS, w.At, "asyncio.wait() returned with %s pending", count(len(w.Left), "task"))
		}
	}
	if cl.Loop.At != nil {
		e.add(cl.Loop.OpenedNS, cl.Loop.At, "the loop was opened here")
	}
	return e
}

func addCancels(e *evidence, live []*analyze.Live) {
	for i, l := range live {
		if i == namesShown {
			return
		}
		if n := len(l.Task.Cancels); n > 0 {
			c := l.Task.Cancels[n-1]
			e.add(c.TimeNS, c.At, "%s was cancelled; it took %s after that", taskName(l.Task), count(max(l.StepsSinceCancel, 0), "step"))
		}
	}
}

func addShield(e *evidence, live []*analyze.Live) {
	for i, l := range live {
		if i < namesShown && len(l.Task.Shielded) > 0 {
			e.add(-1, firstUser(l.Task.Shielded), "%s was shielded here", taskName(l.Task))
		}
	}
}

// addFailedSibling names the task whose error ended the gather().
func addFailedSibling(e *evidence, cl *closing, live []*analyze.Live) {
	site := live[0].Task.Site
	for _, t := range cl.all.Tasks {
		if t.Site == nil || site == nil || t.Loop != cl.Loop || t.Outcome != "raised" || t.EndedNS > cl.TimeNS || t.Parent != live[0].Task.Parent {
			continue
		}
		kind := "an exception"
		if t.Exception != nil {
			kind = t.Exception.Type
		}
		e.add(t.EndedNS, t.Site.At, "%s, spawned here, raised %s", taskName(t), kind)
		return
	}
}

// firstUser returns the innermost frame of the program.
func firstUser(stack []analyze.Frame) *analyze.Frame {
	for i := range stack {
		if stack[i].User {
			return &stack[i]
		}
	}
	return nil
}
