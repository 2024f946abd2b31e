package rule

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

// Causes that a stop() leads to.
const (
	causeStopInTask = "stop-in-task"
	causeStopSignal = "stop-from-signal-handler"
)

var stopCauses = []analyze.CauseInfo{
	{ID: causeStopInTask, Doc: "Code of the program (a task, a callback, another thread) called loop.stop() while what the loop was run for was not done. Cancel the main task instead."},
	{ID: causeStopSignal, Doc: "A signal handler called loop.stop() while what the loop was run for was not done. Let the handler cancel the main task instead."},
}

func stoppedBeforeComplete() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "stopped-before-complete", Severity: analyze.Error, Since: "0.1",
			Title: "loop stopped before the awaited coroutine was done",
			Doc: `loop.stop() ended a run_until_complete() whose coroutine was not done, so the run raised "RuntimeError: Event loop
stopped before Future completed." The coroutine stays suspended in the middle, with every task that it started.

**Reported** for every run that ended that way, with the stop() that did it.

**Not reported**: stop() of run_forever(), which is what stop() is for, and one that came after the coroutine was done.

**Fix**: to end early, cancel the main task: run_until_complete() then raises CancelledError after the clean-up of the
coroutine has run. Use stop() with run_forever() only, and cancel what is left afterwards.

**Known**: a loop.stop() that a signal handler makes has no line of the program in its stack; what is shown is the run.`,
			Causes: stopCauses,
		},
		Check: checkStopped,
	}
}

func checkStopped(run *analyze.Run, report func(analyze.Finding)) {
	for _, l := range run.Loops {
		for _, r := range l.Runs {
			if r.Message != stoppedText || r.Outer != nil && r.Outer.Message == stoppedText {
				continue
			}
			s := stopOf(l, r)
			f := analyze.Finding{At: r.At, Process: l.Process, Loop: l, Cause: stopCause(s)}
			if r.Target != nil {
				f.Tasks = []*analyze.Task{r.Target}
			}
			f.Message = stoppedMessage(l.Process, r, s)
			f.Evidence = stoppedEvidence(r, s)
			f.Fix = stoppedFix(l, r, s)
			report(f)
		}
	}
}

// stopOf returns the stop() that ended a run, or one of the runs inside it.
func stopOf(l *analyze.Loop, r *analyze.LoopRun) *analyze.Stop {
	var last *analyze.Stop
	for _, s := range l.Stops {
		inside := s.TimeNS >= r.BeginNS && (r.EndNS == 0 || s.TimeNS <= r.EndNS)
		if s.Run == r || s.Run != nil && s.Run.Outer == r || s.Run == nil && inside {
			last = s
		}
	}
	return last
}

func stopCause(s *analyze.Stop) string {
	switch {
	case s == nil:
		return ""
	case s.Signal != 0:
		return causeStopSignal
	}
	return causeStopInTask
}

// stopper says who called stop().
func stopper(s *analyze.Stop) string {
	switch {
	case s == nil:
		return "loop.stop()"
	case s.Signal != 0:
		return "loop.stop(), called by the handler of " + signalName(s.Signal) + ","
	case s.Task != nil:
		return "loop.stop(), called by " + theTask(s.Task) + ","
	}
	if s.Run != nil && s.Run.Thread != "" && s.Thread != "" {
		if s.Run.Thread == s.Thread {
			return "loop.stop(), called by a callback of the loop,"
		}
		return "loop.stop(), called in thread " + s.Thread + ","
	}
	return "loop.stop(), called by a callback or another thread,"
}

func stoppedMessage(p *analyze.Process, r *analyze.LoopRun, s *analyze.Stop) string {
	target := "what it was run for"
	if r.Target != nil {
		target = "its main " + theTask(r.Target)
	}
	return fmt.Sprintf("%s ended the run at %s before %s was done", stopper(s), place(p, r.At), target)
}

func stoppedEvidence(r *analyze.LoopRun, s *analyze.Stop) []analyze.Evidence {
	var e evidence
	e.add(r.EndNS, r.At, "the run raised RuntimeError: %s", stoppedText)
	if s != nil {
		who := "loop.stop() called in thread " + s.Thread
		if s.Signal != 0 {
			who = "loop.stop() called by the handler of " + signalName(s.Signal)
		}
		e.add(s.TimeNS, s.At, "%s", who)
	}
	if r.Target != nil && r.Target.Outcome == "pending" {
		e.add(-1, nil, "%s never ended; it had taken %s", theTask(r.Target), count(r.Target.Steps, "step"))
	}
	return e
}

func stoppedFix(l *analyze.Loop, r *analyze.LoopRun, s *analyze.Stop) analyze.Fix {
	name := loopName(l, nil)
	return analyze.Fix{Summary: "cancel the main task instead of stopping the loop: its clean-up then runs", Code: cancelMain(name, r, s)}
}

// cancelMain returns a run that ends early by cancelling its main task.
func cancelMain(name string, r *analyze.LoopRun, s *analyze.Stop) string {
	cancel := "# instead of " + name + ".stop():\nmain_task.cancel()"
	if s != nil && s.Signal != 0 {
		cancel = name + ".add_signal_handler(signal." + signalName(s.Signal) + ", main_task.cancel)"
	}
	run := lines("try:", "    "+name+".run_until_complete(main_task)", "except asyncio.CancelledError:", "    pass")
	create := "main_task = asyncio.ensure_future(" + mainCall(r) + ", loop=" + name + ")"
	if s != nil && s.Signal != 0 {
		return lines(create, cancel, run)
	}
	return lines(create, run, cancel)
}
