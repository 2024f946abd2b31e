package rule

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

func interrupted() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "interrupted", Severity: analyze.Note, Since: "0.1",
			Title: "run ended by Ctrl-C",
			Doc: `KeyboardInterrupt ended a run of a loop. That is no fault; it says why the run ended where it did, and why tasks were not
done then.

**Reported** as a note, for every run that Ctrl-C ended: KeyboardInterrupt left it, or (3.11 and later) asyncio.run()
cancelled its main task on SIGINT and the task let itself be cancelled.

**Not reported**: SIGINT that the program handles itself with add_signal_handler(), and a Ctrl-C that the main coroutine
swallowed (see cancel-swallowed).

**Fix**: none is needed. After the run cancel what is left and run the loop until it has ended; asyncio.run() does that.`,
		},
		Check: checkInterrupted,
	}
}

func checkInterrupted(run *analyze.Run, report func(analyze.Finding)) {
	for _, l := range run.Loops {
		for _, r := range l.Runs {
			if r.Outer != nil && byCtrlC(r.Outer) || r.At == nil || !byCtrlC(r) {
				continue
			}
			report(interruptedFinding(l, r))
		}
	}
}

// byCtrlC reports whether Ctrl-C ended a run.
func byCtrlC(r *analyze.LoopRun) bool {
	return r.Exception == keyboardInterrupt || r.Exception == "CancelledError" && sigintOf(r) != nil
}

// sigintOf returns the cancellation with which asyncio.run() ended the main task of a run on Ctrl-C, nil if there was none.
func sigintOf(r *analyze.LoopRun) *analyze.Cancel {
	if r.Target == nil || r.Target.Outcome != "cancelled" {
		return nil
	}
	for i := range r.Target.Cancels {
		if c := &r.Target.Cancels[i]; requesterOf(c) == causeLostCtrlC {
			return c
		}
	}
	return nil
}

func interruptedFinding(l *analyze.Loop, r *analyze.LoopRun) analyze.Finding {
	f := analyze.Finding{At: r.At, Process: l.Process, Loop: l}
	if r.Target != nil {
		f.Tasks = []*analyze.Task{r.Target}
	}
	f.Message = fmt.Sprintf("Ctrl-C ended the run at %s", place(l.Process, r.At))
	var e evidence
	if c := sigintOf(r); r.Exception != keyboardInterrupt && c != nil {
		e.add(c.TimeNS, c.AwaitedAt, "asyncio.run() cancelled the main task on SIGINT, while it was waiting here")
		e.add(r.EndNS, r.At, "the run ended with it")
	} else {
		e.add(r.EndNS, r.At, "KeyboardInterrupt left the run")
		if at := firstUser(r.RaisedAt); at != nil {
			e.add(-1, at, "it was raised here")
		}
	}
	f.Evidence = e
	f.Fix = analyze.Fix{Summary: "nothing, if the program was to end then; what is left is to be cancelled and awaited before the loop is closed"}
	return f
}

// tellsCtrlC holds for a close whose cause already says that Ctrl-C ended the run, or whose evidence does.
func tellsCtrlC(root, symptom *analyze.Finding) bool {
	if !sameLoop(root, symptom) || root.Close == nil {
		return false
	}
	return root.Cause == causeInterrupted || root.Cause == causeCrashed && interruptedRun(ran(root.Loop, timeOf(root))) != nil
}
