package rule

import (
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// closing is a close that left tasks, and what went before it.
type closing struct {
	*analyze.Close
	all  *analyze.Run
	left []*analyze.Live

	main   *analyze.LoopRun // the run that the close ends: the last before it, asyncio's own clean-up passed over
	crash  *analyze.Frame   // where the program's clean-up failed
	ctrlC  *analyze.LoopRun // the run that KeyboardInterrupt left
	stop   *analyze.Stop    // that ended a run before its target was done
	failed *analyze.LoopRun // the run that another exception left
	closer string           // the library that closed a loop of somebody else
}

// look finds out what is true of the close as a whole.
func (cl *closing) look() {
	runs := ran(cl.Loop, cl.TimeNS)
	if len(runs) > 0 {
		cl.main = outermost(runs)
	}
	cl.ctrlC = interruptedRun(runs)
	cl.failed = cl.failedRun(runs)
	cl.crash = cl.crashSite(runs)
	cl.stop = cl.earlyStop()
	cl.closer = foreignCloser(cl.Close, cl.main)
}

// outermost returns the last run, or the one around it if that ended as well.
func outermost(runs []*analyze.LoopRun) *analyze.LoopRun {
	last := runs[len(runs)-1]
	for last.Outer != nil && slices.Contains(runs, last.Outer) {
		last = last.Outer
	}
	return last
}

// interruptedRun returns the run that Ctrl-C ended, unless the program ran the same line again afterwards: then it went on.
func interruptedRun(runs []*analyze.LoopRun) *analyze.LoopRun {
	for i := len(runs) - 1; i >= 0; i-- {
		if runs[i].Exception != keyboardInterrupt {
			continue
		}
		for _, later := range runs[i+1:] {
			if later.At != nil && runs[i].At != nil && *later.At == *runs[i].At && later.BeginNS >= runs[i].EndNS {
				return nil
			}
		}
		return runs[i]
	}
	return nil
}

// failedRun returns the run that an exception left, if it is the last one or its exception was still being handled.
func (cl *closing) failedRun(runs []*analyze.LoopRun) *analyze.LoopRun {
	failed := func(r *analyze.LoopRun) bool {
		return r.Exception != "" && r.Exception != keyboardInterrupt && r.Message != stoppedText
	}
	if cl.main != nil && failed(cl.main) {
		return cl.main
	}
	for _, r := range slices.Backward(runs) {
		if failed(r) && cl.Handling != nil && (cl.Handling.Type == r.Exception || slices.Contains(cl.Handling.Context, r.Exception)) {
			return r
		}
	}
	return nil
}

// crashSite returns where the program's clean-up failed: an exception of program code that was being handled when close()
// ran, and that was raised after the run. An exception that left the run, or one that somebody further out has been
// handling since before the run, is none.
func (cl *closing) crashSite(runs []*analyze.LoopRun) *analyze.Frame {
	h := cl.Handling
	if h == nil || h.At == nil || len(h.Stack) == 0 || len(runs) == 0 {
		return nil
	}
	switch h.Type {
	case keyboardInterrupt, systemExit, "GeneratorExit", "CancelledError", "StopIteration":
		return nil
	}
	if leftARun(h.Stack) {
		return nil
	}
	// The frame that handles it is the outermost of the traceback; the close is called from it.
	outer := &h.Stack[len(h.Stack)-1]
	at := sameFunction(cl.Stack, outer)
	if at == nil {
		return nil
	}
	// If that frame also called the run, then on an earlier line than the one that raised, and not by the call that closes.
	if began := sameFunction(runs[len(runs)-1].Stack, outer); began != nil && (outer.Line < began.Line || at.Line == began.Line) {
		return nil
	}
	return h.At
}

// leftARun reports whether a traceback passes through a run of the loop.
func leftARun(stack []analyze.Frame) bool {
	for _, f := range stack {
		switch f.Function {
		case "run_until_complete", "run_forever", "run", "_check_running":
			if inModule(f, "asyncio/base_events.py", "asyncio/runners.py") {
				return true
			}
		}
	}
	return false
}

// earlyStop returns the stop() that ended the run before its target was done.
func (cl *closing) earlyStop() *analyze.Stop {
	for _, s := range slices.Backward(cl.Loop.Stops) {
		if s.TimeNS <= cl.TimeNS && s.TargetPending && s.Run != nil && cl.main != nil && (s.Run == cl.main || s.Run.Outer == cl.main) {
			return s
		}
	}
	if cl.main != nil && cl.main.Message == stoppedText {
		return stopOf(cl.Loop, cl.main)
	}
	return nil
}

// group is the tasks of one close that were left for the same reason.
type group struct {
	cause string
	live  []*analyze.Live
}

// byCause groups what was left by cause, the one to act on first.
func (cl *closing) byCause() []group {
	var groups []group
	for _, l := range cl.left {
		cause := cl.causeOf(l)
		i := slices.IndexFunc(groups, func(g group) bool { return g.cause == cause })
		if i < 0 {
			i = len(groups)
			groups = append(groups, group{cause: cause})
		}
		groups[i].live = append(groups[i].live, l)
	}
	slices.SortStableFunc(groups, func(a, b group) int { return mixedOrder(a.cause) - mixedOrder(b.cause) })
	return groups
}

// mixedOrder ranks the causes of a close whose tasks were left for different reasons. A task that never took a step says
// little when others were left for a reason that would have dropped it too.
func mixedOrder(cause string) int {
	return slices.Index([]string{
		causeCrashed, causeNotAwaited, causeSwallowed, causeInterrupted, causeStopInTask, causeStopSignal, causeSiblings, causeShield,
		causeWaitTimeout, causeErrorSkipped, causeServerHandlers, causeExecutor, causeForeignLoop, causeTooLate, causeNeverCancelled,
	}, cause)
}

// causeOf decides why one task was left; the first that holds counts.
func (cl *closing) causeOf(l *analyze.Live) string {
	switch {
	case l.State == "not-started":
		return causeTooLate
	case cl.crash != nil:
		return causeCrashed
	case undelivered(l):
		return causeNotAwaited
	case swallowed(l):
		return causeSwallowed
	case cl.ctrlC != nil:
		return causeInterrupted
	case cl.stop != nil:
		return stopCause(cl.stop)
	case siblingLeft(l):
		return causeSiblings
	case shieldLeft(l):
		return causeShield
	case cl.waitOf(l) != nil:
		return causeWaitTimeout
	case cl.failed != nil:
		return causeErrorSkipped
	case l.Task.Site != nil && strings.HasSuffix(l.Task.Site.Via, "streams.py:connection_made"):
		return causeServerHandlers
	case l.On.Kind == "executor":
		return causeExecutor
	case cl.closer != "":
		return causeForeignLoop
	}
	return causeNeverCancelled
}

// undelivered reports whether a task was cancelled and never got to know.
func undelivered(l *analyze.Live) bool {
	return l.MustCancel || l.WaiterCancelled || l.CancelsSoFar > 0 && l.StepsSinceCancel == 0 && !heldUp(l)
}

// heldUp reports whether a task was cancelled while it waited for others, which got the cancellation first and did not end.
func heldUp(l *analyze.Live) bool {
	return l.CancelsSoFar > 0 && l.StepsSinceCancel == 0 && !l.WaiterCancelled && (l.On.Kind == "gather" || l.On.Kind == "task")
}

// swallowed reports whether a task was cancelled for good, took a step after it, and was still there. Timeouts and task
// groups cancel a task in order to wake it up; from 3.11 the task's own count tells whether a request still stands.
func swallowed(l *analyze.Live) bool {
	if heldUp(l) {
		return true
	}
	if l.CancelsSoFar == 0 || l.StepsSinceCancel <= 0 || l.Cancelling == 0 {
		return false
	}
	for _, c := range l.Task.Cancels {
		if c.TimeNS <= l.AsOfNS && !wakeUp(c) {
			return true
		}
	}
	return false
}

// wakeUp reports whether a cancellation is the mechanism of a timeout or task group, not a request to end.
func wakeUp(c analyze.Cancel) bool {
	for _, f := range c.Stack {
		if inModule(f, "asyncio/timeouts.py", "asyncio/taskgroups.py") || installed(f) && (strings.Contains(f.File, "async_timeout") || strings.Contains(f.File, "anyio")) {
			return true
		}
		if f.User {
			return false
		}
	}
	return false
}

func siblingLeft(l *analyze.Live) bool {
	return slices.Contains(l.AwaitedBy, "gather:raised") ||
		slices.Contains(l.AwaitedBy, "gather:cancelled") && l.CancelsSoFar == 0
}

// shieldLeft reports whether a task was shielded and whoever waited for the shield is gone.
func shieldLeft(l *analyze.Live) bool {
	if slices.Contains(l.AwaitedBy, "shield:cancelled") {
		return true
	}
	return l.Task.Shielded != nil && !slices.Contains(l.AwaitedBy, "shield:pending")
}

// waitOf returns the last asyncio.wait() that gave the task back pending after its timeout.
func (cl *closing) waitOf(l *analyze.Live) *analyze.WaitReturned {
	for i := len(cl.Loop.Waits) - 1; i >= 0; i-- {
		w := &cl.Loop.Waits[i]
		if w.TimeNS <= cl.TimeNS && slices.Contains(w.Left, l.Task) {
			if timedOut(w) {
				return w
			}
			return nil
		}
	}
	return nil
}

// timedOut reports whether a wait() ended by its timeout. A wait for all that has a timeout and left something can have
// ended in no other way, whatever was done by then.
func timedOut(w *analyze.WaitReturned) bool {
	if w.TimedOut || w.At == nil {
		return w.TimedOut
	}
	text := strings.TrimSpace(w.At.Text)
	return strings.Contains(text, "timeout=") && !strings.Contains(text, "timeout=None") && !strings.Contains(text, "return_when") &&
		strings.HasSuffix(text, ")") && balanced(text)
}
