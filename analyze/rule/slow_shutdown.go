package rule

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

// Causes of slow-shutdown.
const (
	causeLateTask = "late-task"
	causeThreads  = "executor-threads"
	causeThread   = "thread"
)

func slowShutdown() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "slow-shutdown", Severity: analyze.Note, Since: "0.1",
			Title: "run or exit that went on long after the main coroutine was done",
			Doc: `The main coroutine was done, or the program was at its end, and it took more than half a second until asyncio.run()
returned or the process was gone. The note says who took the time.

**Reported** as a note: the clean-up may well be meant to take as long.

**Not reported**: a Runner or a loop that does other things between the main coroutine and its close.

**Fix**: let cancelled tasks end quickly, and give blocking calls in threads a time limit.`,
			Causes: []analyze.CauseInfo{
				{ID: causeLateTask, Doc: "A task took its time to end after it was cancelled."},
				{ID: causeThreads, Doc: "The threads of an executor were waited for."},
				{ID: causeThread, Doc: "A thread that is no daemon was waited for at exit."},
			},
		},
		Check: checkSlowShutdown,
	}
}

func checkSlowShutdown(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		for _, l := range ownLoops(p) {
			for _, s := range l.Shutdowns {
				if f, ok := slowRun(run, p, l, s); ok {
					report(f)
				}
			}
		}
		for _, j := range p.Joins {
			if end := joinEnd(run, j); j.Where == "exit" && end-j.BeginNS > slowNS {
				report(slowExit(run, j, end))
			}
		}
	}
}

func joinEnd(run *analyze.Run, j *analyze.Join) int64 {
	if j.EndNS != 0 {
		return j.EndNS
	}
	return goneAt(run, j.Process)
}

// slowRun looks at the end of asyncio.run(): from the cancelling of what is left to the close.
func slowRun(run *analyze.Run, p *analyze.Process, l *analyze.Loop, s *analyze.Shutdown) (analyze.Finding, bool) {
	end, closed := goneAt(run, p), false
	for _, c := range l.Closes {
		if c.Outcome == "closed" && c.TimeNS >= s.BeginNS {
			end, closed = c.TimeNS, true
			break
		}
	}
	if end-s.BeginNS <= slowNS {
		return analyze.Finding{}, false
	}
	f := analyze.Finding{At: s.At, Process: p, Loop: l}
	took := fmt.Sprintf("asyncio.run() went on for %s after its main coroutine was done", seconds(end-s.BeginNS))
	if !closed {
		took = fmt.Sprintf("asyncio.run() had not returned %s after its main coroutine was done", seconds(end-s.BeginNS))
	}
	var e evidence
	e.add(s.BeginNS, s.At, "the main coroutine is done, asyncio.run() cancels what is left")
	who := ""
	if late, at := latest(s, end); late != nil && at-s.BeginNS > slowNS {
		f.Cause, who = causeLateTask, ": "+theTask(late.Task)+" took "+seconds(at-s.BeginNS)+" to end"
		f.Tasks = []*analyze.Task{late.Task}
		e.add(late.AsOfNS, late.At, "%s is here when it is cancelled", theTask(late.Task))
	} else {
		for _, j := range p.Joins {
			if j.BeginNS >= s.BeginNS && j.BeginNS <= end && len(j.Jobs) > 0 {
				f.Cause, who = causeThreads, ": it waited for "+jobNames(j.Jobs)+" in a thread"
				f.At = j.Jobs[0].At
				e.addThreads(j.Jobs)
				break
			}
		}
	}
	f.Message = took + who
	f.Evidence = e
	f.Fix = slowFix(f.Cause)
	return f, true
}

// latest returns the task of a shutdown that ended last, and when; one that never ended counts as having ended at end.
func latest(s *analyze.Shutdown, end int64) (late *analyze.Live, at int64) {
	for _, l := range own(s.Live) {
		ended := l.Task.EndedNS
		if ended == 0 || ended > end {
			ended = end
		}
		if ended > at {
			late, at = l, ended
		}
	}
	return late, at
}

// slowExit looks at the end of the interpreter.
func slowExit(run *analyze.Run, j *analyze.Join, end int64) analyze.Finding {
	p := j.Process
	f := analyze.Finding{Process: p}
	var e evidence
	e.add(j.BeginNS, nil, "the program is at its end, the interpreter waits for its threads")
	who := ""
	if len(j.Jobs) > 0 {
		f.Cause, f.At = causeThreads, j.Jobs[0].At
		f.Loop = j.Jobs[0].Loop
		who = jobNames(j.Jobs) + " in an executor"
		e.addThreads(j.Jobs)
	} else if len(j.Threads) > 0 {
		t := j.Threads[0]
		f.Cause, f.At = causeThread, t.ThreadAt
		who = "thread " + t.Thread
		e.add(t.TimeNS, t.ThreadAt, "thread %s is here", t.Thread)
	}
	f.Message = fmt.Sprintf("the process went on for %s after the program's end, for %s", seconds(end-j.BeginNS), who)
	f.Evidence = e
	f.Fix = slowFix(f.Cause)
	return f
}

func slowFix(cause string) analyze.Fix {
	switch cause {
	case causeLateTask:
		return analyze.Fix{Summary: "let the task end soon after it was cancelled: no long awaits in finally: and except CancelledError:"}
	case causeThreads:
		return analyze.Fix{Summary: "give the blocking call a time limit of its own"}
	case causeThread:
		return analyze.Fix{Summary: "tell the thread to stop before the program ends, or make it a daemon"}
	}
	return analyze.Fix{Summary: "see the evidence for what was waited for"}
}
