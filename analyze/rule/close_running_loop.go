package rule

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

// Causes of close-running-loop.
const (
	causeCoroutine      = "close-in-coroutine"
	causeCallback       = "close-in-callback"
	causeOtherThread    = "close-from-other-thread"
	causeFinalizer      = "close-in-finalizer"
	causeAlreadyRunning = "already-running"
	causeForkInherited  = "fork-inherited-loop"
)

func closeRunningLoop() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "close-running-loop", Severity: analyze.Error, Since: "0.1",
			Title: "close() of a loop that is running",
			Doc: `A program called close() on an event loop while that loop was running. asyncio refuses it with
"RuntimeError: Cannot close a running event loop": the code that would have to finish the close is the very code that the
loop is executing. The call closes nothing, so the loop, its tasks and its file descriptors are all still there.

**Reported** for every refused close(). The causes tell where the call came from, because the cure depends on it.

**Not reported**: a second close() of a closed loop, which does nothing; the close that the interpreter makes when it
collects a loop; a close() that must be refused, as a test says: pytest.raises(), assertRaises().

**Fix**: let the main coroutine return, then close, outside. asyncio.run() does both.

**Known**: the traceback often hides the real fault. When run_until_complete() is refused with "This event loop is already
running" and a finally: calls close(), the second error replaces the first one (cause already-running). From a callback
the error goes to the loop's exception handler, the program carries on and exits with 0. A forked child inherits the
loop in the state "running", so that it can neither run nor close it.` + closeRunningGo,
			Causes: []analyze.CauseInfo{
				{ID: causeCoroutine, Doc: "A coroutine closes the loop that executes it. Return instead, and close after run_until_complete() has returned."},
				{ID: causeCallback, Doc: "A callback, timer or signal handler of the loop closes it. Stop the loop, or cancel the main task, and close after the run."},
				{ID: causeOtherThread, Doc: "Another thread closes the loop while its own thread runs it. Stop it with call_soon_threadsafe(loop.stop), join the thread, then close."},
				{ID: causeFinalizer, Doc: "A destructor (__del__) closes the loop; it runs whenever the object is collected, here while the loop ran. Give the object an explicit close()."},
				{ID: causeAlreadyRunning, Doc: "A run of the loop was refused just before, because it was running already, and its clean-up then closed the loop. The refused run is the fault; use await there."},
				{ID: causeForkInherited, Doc: "A forked child closes the loop that it inherited; the copy is marked as running because it ran in the parent when it forked. Leave it alone, or use spawn."},
				{ID: causeInTask, Doc: "Go: a task of the loop closes it while the loop runs that task. Close it where it was run, after that has returned."},
			},
		},
		Check: checkCloseRunningLoop, CheckGo: checkCloseRunningGo,
	}
}

func checkCloseRunningLoop(run *analyze.Run, report func(analyze.Finding)) {
	for _, c := range run.Closes {
		if c.Outcome != "refused" || c.Implicit {
			continue
		}
		cause, refusal := refusedCause(c)
		f := analyze.Finding{
			Cause: cause, At: c.At, Process: c.Process, Loop: c.Loop, Close: c, Tasks: tasksOf(c.Live),
			Message: refusedMessage(c, cause, refusal),
			Fix:     refusedFix(c, cause, refusal),
		}
		if c.At == nil {
			f.Severity = analyze.Warning // a library's doing; there is no line to change
		}
		if asserted(c.Expected, c.Stack) {
			f.Severity, f.Asserted = analyze.Note, true
		}
		f.Evidence = refusedEvidence(c, refusal)
		if len(c.Live) > 0 && cause != causeForkInherited {
			f.Follows = append(f.Follows, theTasks(f.Tasks)+verb(len(f.Tasks), " was", " were")+" still live, and the loop stayed open")
		}
		report(f)
	}
}

// refusedCause decides by process, then by what was refused before, by frame, by thread, and by task.
func refusedCause(c *analyze.Close) (string, *analyze.RunRefusal) {
	switch r := refusedBefore(c); {
	case c.OtherProcess || c.Loop != nil && c.Loop.Inherited != nil && len(c.Loop.Runs) == 0:
		return causeForkInherited, nil
	case r != nil:
		return causeAlreadyRunning, r
	case inFinalizer(c.Stack):
		return causeFinalizer, nil
	case c.RunningThread != "" && c.RunningThread != c.Thread:
		return causeOtherThread, nil
	case c.Task != nil:
		return causeCoroutine, nil
	}
	return causeCallback, nil
}

func inFinalizer(stack []analyze.Frame) bool {
	for _, f := range stack {
		if f.Function == "__del__" {
			return true
		}
	}
	return false
}

// refusedBefore returns the run attempt whose clean-up the close is: refused in the same task and thread, in a function
// that the close is called from or that calls it.
func refusedBefore(c *analyze.Close) *analyze.RunRefusal {
	if c.Process == nil {
		return nil
	}
	for i := len(c.Process.Refusals) - 1; i >= 0; i-- {
		r := &c.Process.Refusals[i]
		if r.TimeNS > c.TimeNS || r.Loop != c.Loop || r.Thread != c.Thread || r.Task != c.Task || r.Reason != "already-running" {
			continue
		}
		if sameFunction(c.Stack, r.At) != nil || sameFunction(r.Stack, c.At) != nil && c.At.Function != "<module>" {
			return r
		}
		return nil
	}
	return nil
}

func refusedMessage(c *analyze.Close, cause string, r *analyze.RunRefusal) string {
	name := loopName(c.Loop, c)
	switch cause {
	case causeCoroutine:
		return fmt.Sprintf("%s.close() was called by a coroutine of the very loop that was running it, %s; it was refused and closed nothing", name, theTask(c.Task))
	case causeCallback:
		if c.Signal != 0 {
			return fmt.Sprintf("%s.close() was called by the handler of %s while the loop was running; it was refused and closed nothing", name, signalName(c.Signal))
		}
		if objectOf(c.At, "close") == "" {
			return fmt.Sprintf("%s.close() was made a callback of the very loop that ran it; it was refused and closed nothing", name)
		}
		return fmt.Sprintf("%s.close() was called by a callback of the very loop that was running it; it was refused and closed nothing", name)
	case causeOtherThread:
		return fmt.Sprintf("thread %s called %s.close() while thread %s was running that loop; it was refused and closed nothing", c.Thread, name, c.RunningThread)
	case causeFinalizer:
		return fmt.Sprintf("a destructor called %s.close() while the loop was running; it was refused and closed nothing", name)
	case causeAlreadyRunning:
		if closesRunner(c, r) {
			return fmt.Sprintf("Runner.close() was called while its loop was running%s; it was refused, after it had cancelled the other tasks", inTask(c.Task))
		}
		return fmt.Sprintf("the run of %s at %s was refused because it was running already, and the clean-up then tried to close it, which hides the first error", name, place(c.Process, r.At))
	}
	return fmt.Sprintf("a forked child called %s.close() on the loop that it inherited: its copy is marked as running, as it was in the parent when it forked", name)
}

func refusedEvidence(c *analyze.Close, r *analyze.RunRefusal) []analyze.Evidence {
	var e evidence
	e.add(c.TimeNS, c.At, "close() refused: Cannot close a running event loop")
	if r != nil {
		e.add(r.TimeNS, r.At, "%s() refused before: %s", r.API, r.Message)
	}
	if c.Loop != nil {
		if open := runningAt(c.Loop, c.TimeNS); open != nil {
			e.add(open.BeginNS, open.At, "the loop was running here, in thread %s", open.Thread)
		}
		if c.Loop.At != nil {
			e.add(c.Loop.OpenedNS, c.Loop.At, "the loop was opened here")
		}
	}
	return e
}

// runningAt returns the outermost run that was under way at a moment.
func runningAt(l *analyze.Loop, ns int64) *analyze.LoopRun {
	for _, r := range l.Runs {
		if r.BeginNS <= ns && (r.EndNS == 0 || r.EndNS >= ns) {
			return r
		}
	}
	return nil
}

func refusedFix(c *analyze.Close, cause string, r *analyze.RunRefusal) analyze.Fix {
	name := loopName(c.Loop, c)
	var open *analyze.LoopRun
	if c.Loop != nil {
		open = runningAt(c.Loop, c.TimeNS)
	}
	switch cause {
	case causeOtherThread:
		return analyze.Fix{
			Summary: "ask the loop to stop, wait for its thread to end, then close it",
			Code:    lines(name+".call_soon_threadsafe("+name+".stop)", "thread.join()", "# then, with the loop stopped:", drain(c.Process, name)),
		}
	case causeAlreadyRunning:
		if closesRunner(c, r) {
			return analyze.Fix{
				Summary: fmt.Sprintf("remove the close() at %s; the with statement of the Runner closes it when the coroutine has returned", place(c.Process, c.At)),
				Code:    lines("with asyncio.Runner() as runner:", "    runner.run("+mainCall(open)+")"),
			}
		}
		return analyze.Fix{
			Summary: fmt.Sprintf("the code at %s runs inside the loop: await the coroutine there, and neither run nor close the loop", place(c.Process, r.At)),
			Code:    lines("# "+place(c.Process, r.At), "await "+attemptedCall(r)),
		}
	case causeForkInherited:
		return analyze.Fix{
			Summary: "do not touch the inherited loop in the child; start the child with spawn, or fork before a loop runs",
			Code:    lines(`ctx = multiprocessing.get_context("spawn")`, "ctx.Process(target=...).start()", "# in the child, if it needs a loop: its own", "asyncio.run(...)"),
		}
	case causeFinalizer:
		return analyze.Fix{
			Summary: "close in an explicit method that is called after the run, not in __del__",
			Code:    lines("def close(self):", "    if not "+name+".is_running():", "        "+name+".close()"),
		}
	}
	if cause == causeCallback && objectOf(c.At, "close") == "" {
		return analyze.Fix{Summary: "do not make " + name + ".close() a callback of the loop; let the main coroutine return and close after the run, or use asyncio.run()", Code: afterRun(c, open, name)}
	}
	return analyze.Fix{Summary: fmt.Sprintf("remove the close() at %s; let the main coroutine return and close after the run, or use asyncio.run()", place(c.Process, c.At)), Code: afterRun(c, open, name)}
}

// closesRunner reports whether a refused close and the refused run before it are of one Runner.close().
func closesRunner(c *analyze.Close, r *analyze.RunRefusal) bool {
	return viaRunner(c.Stack) && viaRunner(r.Stack) && compareFrames(c.At, r.At) == 0
}

func inTask(t *analyze.Task) string {
	if t == nil {
		return ""
	}
	return ", in " + theTask(t)
}

// afterRun returns the run of a program with the close where it belongs.
func afterRun(c *analyze.Close, open *analyze.LoopRun, name string) string {
	if open != nil && (open.API == "asyncio.run" || open.API == "Runner.run") {
		return lines("# asyncio.run() closes the loop itself when the coroutine returns", "asyncio.run("+mainCall(open)+")")
	}
	call := name + ".run_forever()"
	if open == nil || open.API != "run_forever" {
		call = name + ".run_until_complete(" + mainCall(open) + ")"
	}
	return lines("try:", "    "+call, "finally:", indent(drain(c.Process, name)))
}

// attemptedCall returns what a refused run was to run, as it can be awaited.
func attemptedCall(r *analyze.RunRefusal) string {
	if r.At != nil {
		if m := argument.FindStringSubmatch(r.At.Text); m != nil && balanced(m[1]) {
			return m[1]
		}
	}
	return "the_coroutine()"
}
