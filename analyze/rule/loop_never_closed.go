package rule

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

func loopNeverClosed() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "loop-never-closed", Severity: analyze.Warning, Since: "0.1",
			Title: "loop that the program never closed",
			Doc: `The program opened a loop and ran it, and the process ended without a close(). The loop's file descriptors and its
default executor are left to the interpreter; asynchronous generators are not finalised, and whatever tasks the loop had
are dropped where they stand.

**Reported** as a warning at the normal end of the process: for loops that the program opened itself, and for loops that
were still running in another thread, typically a daemon thread. When the destructor of the loop closed it, that counts as
never closed, because it happens at a moment that nobody chose.

**Reported as a note**: loops that were opened and never run, that a library opened, or that asyncio.get_event_loop() made
on the way.

**Not reported**: loops that never ran and that no line of the program opened, as a test runner makes them; a forked child's copies of its parent's loops; a process that a signal or os._exit() ended.

**Fix**: close in a finally:, or let asyncio.run() open and close. A loop in a thread: call_soon_threadsafe(loop.stop),
join the thread, then close.

**Known**: CPython has a ResourceWarning "unclosed event loop" for this, which is hidden by default.`,
		},
		Check: checkNeverClosed,
	}
}

func checkNeverClosed(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		if !endedNormally(p) {
			if !p.Exit.Observed && p.Exit.Signal == 0 && loopOpen(p) {
				undecided(run, "loop-never-closed", fmt.Sprintf("loop-never-closed: how process %d ended was not seen, so whether it would have closed its loop is not decided", p.PID))
			}
			continue
		}
		for _, l := range ownLoops(p) {
			if l.ClosedBy != nil && !l.ClosedBy.Implicit {
				continue
			}
			if unfollowed(l) {
				undecided(run, "loop-never-closed", "loop-never-closed: loops of class "+l.Class+" cannot be followed, so whether they were closed is not decided")
				continue
			}
			if l.At == nil && len(l.Runs) == 0 && len(liveOf(p, l)) == 0 {
				continue // spare: nothing of the program's is in it, and no line of it could close it
			}
			report(neverClosedFinding(p, l))
		}
	}
}

// unfollowed reports whether nothing is known of a loop but that it has tasks: it is none of asyncio's (uvloop), and its
// close would not have been seen.
func unfollowed(l *analyze.Loop) bool {
	return outside(l) && len(l.Closes) == 0
}

// outside reports whether a loop is none of asyncio's: neither its opening nor its runs were seen.
func outside(l *analyze.Loop) bool {
	return len(l.Stack) == 0 && len(l.Runs) == 0 && l.Inherited == nil
}

func neverClosedFinding(p *analyze.Process, l *analyze.Loop) analyze.Finding {
	live := liveOf(p, l)
	f := analyze.Finding{At: l.At, Process: p, Loop: l, Tasks: tasksOf(live)}
	open := running(l)
	switch {
	case open != nil: // certain, whoever opened it
	case len(l.Runs) == 0 && len(live) == 0, !opened(l):
		f.Severity = analyze.Note
	}
	name := loopName(l, nil)
	if name == "loop" {
		name = "the loop"
	}
	left := ""
	if len(live) > 0 {
		left = ", with " + theTasks(f.Tasks) + " not done"
	}
	if open != nil {
		f.Message = fmt.Sprintf("the process ended while thread %s was still running its loop%s: nobody stopped or closed it", open.Thread, left)
	} else {
		f.Message = fmt.Sprintf("%s, opened at %s, was never closed%s", name, place(p, l.At), left)
	}
	f.Evidence = neverClosedEvidence(p, l, open)
	f.Fix = neverClosedFix(p, l, open)
	return f
}

func neverClosedEvidence(p *analyze.Process, l *analyze.Loop, open *analyze.LoopRun) []analyze.Evidence {
	var e evidence
	e.add(p.Exit.TimeNS, nil, "the process ended with the loop open")
	if l.ClosedBy != nil {
		e = nil
		e.add(l.ClosedBy.TimeNS, nil, "no close() was called; the loop's destructor closed it when it was collected")
	}
	if l.At != nil {
		e.add(l.OpenedNS, l.At, "the loop was opened here")
	}
	if open != nil {
		e.add(open.BeginNS, open.At, "%s() was called here in thread %s and never returned", open.API, open.Thread)
	}
	if p.Exit.Uncaught != "" {
		e.add(-1, firstUser(p.Exit.UncaughtStack), "%s ended the main thread before a close() was reached", p.Exit.Uncaught)
	}
	return e
}

func neverClosedFix(p *analyze.Process, l *analyze.Loop, open *analyze.LoopRun) analyze.Fix {
	name := loopName(l, nil)
	if open != nil {
		return analyze.Fix{
			Summary: "before the program ends stop the loop from outside, join its thread, cancel its tasks and close it",
			Code:    lines(name+".call_soon_threadsafe("+name+".stop)", "thread.join()", drain(p, name)),
		}
	}
	call := name + ".run_forever()"
	if len(l.Runs) > 0 && l.Runs[0].API != "run_forever" {
		call = name + ".run_until_complete(" + mainCall(l.Runs[0]) + ")"
	}
	if len(l.Runs) == 0 {
		return analyze.Fix{Summary: "close the loop, or do not open it: it was never used", Code: name + ".close()"}
	}
	return analyze.Fix{Summary: "close the loop in a finally:, or let asyncio.run() do it", Code: lines("try:", "    "+call, "finally:", indent(drain(p, name)))}
}

// opened reports whether the program itself opened the loop, rather than a library, or asyncio for get_event_loop().
func opened(l *analyze.Loop) bool {
	for i := range l.Stack {
		switch f := &l.Stack[i]; {
		case !inAsyncio(*f):
			return f.User
		case f.Function == "get_event_loop" || f.Function == "_get_event_loop":
			return false
		case inModule(*f, "asyncio/runners.py"):
			return false
		}
	}
	return false
}

// liveOf returns the tasks of a loop that were not done when the process ended, or when the loop's destructor closed it.
func liveOf(p *analyze.Process, l *analyze.Loop) []*analyze.Live {
	var live []*analyze.Live
	for _, x := range own(p.Exit.Live) {
		if x.Task.Loop == l {
			live = append(live, x)
		}
	}
	if len(live) == 0 && l.ClosedBy != nil {
		live = own(l.ClosedBy.Live)
	}
	return live
}
