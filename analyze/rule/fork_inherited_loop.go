package rule

import (
	"fmt"
	"regexp"
	"time"

	"github.com/looptrace/looptrace/analyze"
)

// Causes of fork-inherited-loop.
const (
	causeRefusedInherited = "ran-inherited-loop"
	causeWentOn           = "went-on-in-child"
	causeHandedInherited  = "handed-to-inherited-loop"
	causeClosedInherited  = "closed-inherited-loop"
	causeSignalInherited  = "signal-handler-inherited"
)

func forkInheritedLoop() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "fork-inherited-loop", Severity: analyze.Error, Since: "0.2",
			Title: "use of the parent's loop in a forked child",
			Doc: `A process was forked, and the child used the loop that its parent had opened. The copy shares the parent's selector and
its self-pipe: what the child registers, the parent is woken for; what the child unregisters, the parent no longer hears of.
If the loop ran when the process was forked, the copy is marked as running for ever.

**Reported** as an error where the child handed work to the copy, which never ran it; went on in a coroutine of its parent
while the parent did, too; tried to run the copy; or got a signal whose handler is the parent's. As a warning where it ran or
closed a copy of a loop that did not run at the fork, and that the parent used afterwards.

**Not reported**: a child that opens a loop of its own; one that only inherits; and a child that goes on with the loop of a
parent that is done with it (a daemon). A refused close() in a child is reported as close-running-loop.

**Fix**: start children with spawn or as a program of their own, or fork before there is a loop. In a child that must be
forked: asyncio.run(), and nothing that the parent made.

**Known**: up to Python 3.11 get_event_loop() gives the child the parent's loop, and a signal that is sent to the child runs
the parent's own handler of add_signal_handler(), because both share one wake-up descriptor. From 3.12 on the child ignores
such a signal.`,
			Causes: []analyze.CauseInfo{
				{ID: causeRefusedInherited, Doc: "The child ran, or tried to run, the loop of its parent. Open one of its own: asyncio.run()."},
				{ID: causeWentOn, Doc: "fork() was called in a coroutine, and the child awaited there: two processes step copies of the same tasks. Leave the child through os._exit(), or do not fork."},
				{ID: causeHandedInherited, Doc: "The child spawned tasks on, or handed callbacks to, its parent's loop, which does not run in the child: they are lost."},
				{ID: causeClosedInherited, Doc: "The child closed its parent's loop, which took the parent's self-pipe out of the selector that both share: the parent is deaf to call_soon_threadsafe() and to signals."},
				{ID: causeSignalInherited, Doc: "The child got a signal for which its parent had called add_signal_handler(). It did nothing in the child; up to Python 3.11 the parent's handler ran instead. Set the signal to SIG_DFL and call signal.set_wakeup_fd(-1) first thing in the child."},
			},
		},
		Check: checkForkInherited,
	}
}

func checkForkInherited(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		if !p.Forked {
			continue
		}
		for _, l := range p.Loops {
			if l.Inherited == nil {
				continue
			}
			if f := inheritedUse(run, p, l); f != nil {
				report(*f)
			}
			if f := inheritedSignal(p, l); f != nil {
				report(*f)
			}
		}
	}
}

// inheritedUse returns the finding about the first way in which a child used its parent's loop, nil if it did not.
func inheritedUse(run *analyze.Run, p *analyze.Process, l *analyze.Loop) *analyze.Finding {
	f := &analyze.Finding{Process: p, Loop: l, Cause: causeRefusedInherited}
	var e evidence
	running := runningAt(l, p.StartedNS) != nil
	if r := refusedInherited(p, l); r != nil {
		f.At, f.Message = r.At, fmt.Sprintf("a forked child tried to run its parent's loop, which is marked as running in it for ever: %s() was refused", r.API)
		e.add(r.TimeNS, r.At, "refused: %s", r.Message)
	} else if t := lostSpawn(run, p, l); t != nil {
		f.Cause, f.At, f.Tasks = causeHandedInherited, t.Site.At, []*analyze.Task{t}
		f.Message = fmt.Sprintf("a forked child spawned %s on its parent's loop, which does not run in the child: the task never ran", theTask(t))
		e.add(t.SpawnedNS, t.Site.At, "%s was spawned here, in the child", theTask(t))
	} else if c := lostCall(p, l); c != nil {
		f.Cause, f.At = causeHandedInherited, c.At
		f.Message = fmt.Sprintf("a forked child called %s() on its parent's loop, which does not run in the child: the call is lost", c.Call)
		e.add(c.TimeNS, c.At, "%s() in the child", c.Call)
	} else if !usedAfter(l.Inherited, p.StartedNS) {
		return nil // the parent is done with it
	} else if running && l.LastNS > p.StartedNS {
		f.Cause, f.At = causeWentOn, p.ForkedAt
		f.Message = "a forked child went on in its parent's coroutine and loop" + cleanedUp(p, l) + ", and so did the parent: both step copies of the same tasks on one selector"
		e.add(l.LastNS, nil, "the child still ran the loop that it was forked in%s", endedBy(p))
	} else if r := ranInherited(p, l); r != nil {
		f.At, f.Message = r.At, fmt.Sprintf("a forked child ran its parent's loop with %s(), and the parent went on with it: both share its selector", r.API)
		e.add(r.BeginNS, r.At, "%s() in the child", r.API)
	} else if c := closedInherited(p, l); c != nil {
		f.Cause, f.At, f.Close = causeClosedInherited, c.At, c
		f.Message = "a forked child closed its parent's loop, and the parent went on with it: the parent no longer hears of threads and signals"
		e.add(c.TimeNS, c.At, "close() in the child")
	} else {
		return nil
	}
	if !running && f.Cause != causeHandedInherited {
		f.Severity = analyze.Warning
	}
	f.Evidence = inheritedEvidence(e, p, l)
	f.Fix = inheritedFix(p)
	return f
}

func inheritedEvidence(e evidence, p *analyze.Process, l *analyze.Loop) []analyze.Evidence {
	e.add(p.StartedNS, p.ForkedAt, "process %d was forked here from process %d", p.PID, parentPID(p))
	if l.At != nil {
		e.add(l.OpenedNS, l.At, "the parent opened the loop here")
	}
	return e
}

func inheritedFix(p *analyze.Process) analyze.Fix {
	if p.ForkedAt != nil && p.ForkedAt.Text != "" && !containsFork(p.ForkedAt.Text) {
		return analyze.Fix{
			Summary: "start the child with spawn, and let it use a loop of its own",
			Code:    lines(`ctx = multiprocessing.get_context("spawn")`, "ctx.Process(target=...).start()", "# in the child:", "asyncio.run(...)"),
		}
	}
	return analyze.Fix{
		Summary: "fork before there is a loop, or start a program; a forked child may use a loop of its own only, and leaves through os._exit()",
		Code:    lines("pid = os.fork()", "if pid == 0:", "    code = 1", "    try:", "        code = asyncio.run(child())  # a loop of its own, nothing of the parent's", "    finally:", "        os._exit(code)"),
	}
}

// usedAfter reports whether a process went on with its loop after a moment.
func usedAfter(l *analyze.Loop, ns int64) bool { return l.LastNS > ns+int64(time.Millisecond) }

func refusedInherited(p *analyze.Process, l *analyze.Loop) *analyze.RunRefusal {
	for i := range p.Refusals {
		if r := &p.Refusals[i]; r.Loop == l && r.Reason == "already-running" {
			return r
		}
	}
	return nil
}

// lostSpawn returns a task that the child spawned on the loop and that never took a step.
func lostSpawn(run *analyze.Run, p *analyze.Process, l *analyze.Loop) *analyze.Task {
	if l.LastNS > p.StartedNS {
		return nil
	}
	for _, t := range run.Tasks {
		if t.Loop == l && t.Process == p && t.Inherited == nil && t.BirthSeen && t.Steps == 0 && t.Outcome == "pending" && t.Site != nil && t.Site.At != nil {
			return t
		}
	}
	return nil
}

func lostCall(p *analyze.Process, l *analyze.Loop) *analyze.StoppedCall {
	for i := range p.StoppedCalls {
		if c := &p.StoppedCalls[i]; c.Inherited && c.Loop == l && l.LastNS < c.TimeNS && c.At != nil && !harmless(c) {
			return c
		}
	}
	return nil
}

func ranInherited(p *analyze.Process, l *analyze.Loop) *analyze.LoopRun {
	for _, r := range l.Runs {
		if r.BeginNS > p.StartedNS {
			return r
		}
	}
	return nil
}

// cleanedUp says that the child ran the clean-up of its parent's asyncio.run().
func cleanedUp(p *analyze.Process, l *analyze.Loop) string {
	for _, s := range l.Shutdowns {
		if s.BeginNS > p.StartedNS {
			return " and ran the clean-up of its asyncio.run()"
		}
	}
	return ""
}

// endedBy says how a process ended, where an exception did it.
func endedBy(p *analyze.Process) string {
	if p.Exit.Uncaught == "" {
		return ""
	}
	return "; " + p.Exit.Uncaught + " ended it"
}

func closedInherited(p *analyze.Process, l *analyze.Loop) *analyze.Close {
	for _, c := range l.Closes {
		if c.Process == p && c.Outcome == "closed" && !c.Implicit {
			return c
		}
	}
	return nil
}

// inheritedSignal returns the finding about a signal that a child got and its parent had a handler for.
func inheritedSignal(p *analyze.Process, l *analyze.Loop) *analyze.Finding {
	for _, s := range p.Signals {
		if !s.Inherited || s.Loop != l {
			continue
		}
		parents := handledByParent(p, l, s)
		f := &analyze.Finding{Cause: causeSignalInherited, At: p.ForkedAt, Process: p, Loop: l}
		name := signalName(s.Number)
		switch {
		case parents && !since(p, 12):
			f.Message = fmt.Sprintf("a forked child got %s: it did nothing there, and the handler of its parent ran", name)
		case !since(p, 12):
			return nil // the parent had got it itself, or did not react
		default:
			f.Severity = analyze.Note
			f.Message = fmt.Sprintf("a forked child got %s and ignored it: its parent had set a handler with add_signal_handler()", name)
		}
		var e evidence
		e.add(s.TimeNS, nil, "%s arrived in the child, process %d", name, p.PID)
		f.Evidence = inheritedEvidence(e, p, l)
		f.Fix = analyze.Fix{
			Summary: "set the signals back first thing in the child, or start it with spawn",
			Code:    lines("signal.set_wakeup_fd(-1)", "signal.signal(signal."+name+", signal.SIG_DFL)"),
		}
		return f
	}
	return nil
}

// handledByParent reports whether the parent's handler ran right after a signal arrived in the child, and only there.
func handledByParent(p *analyze.Process, l *analyze.Loop, s analyze.Signal) bool {
	if p.Parent == nil {
		return false
	}
	ran := false
	for _, o := range p.Parent.Signals {
		if o.Number != s.Number || o.Loop != l.Inherited || o.TimeNS-s.TimeNS > int64(time.Second) || s.TimeNS-o.TimeNS > int64(time.Second) {
			continue
		}
		if o.Arrived {
			return false // both got it: Ctrl-C
		}
		ran = ran || o.TimeNS >= s.TimeNS-int64(5*time.Millisecond)
	}
	return ran
}

// containsFork reports whether a line calls os.fork() itself.
func containsFork(text string) bool { return forkCall.MatchString(text) }

var forkCall = regexp.MustCompile(`\bfork\w*\(`)
