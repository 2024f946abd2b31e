package rule

import (
	"fmt"
	"time"

	"github.com/looptrace/looptrace/analyze"
)

const loopBlockedGo = `

**Go**: goroutines block no loop, but a loop that runs its tasks one after the other on one goroutine is held by each step. It
is reported for loops that the program records with the package recorder, if no two steps of it were ever open at once; as a
warning where a step took 0.2 s or more in all while other tasks were there. Nothing looks into the step, so that the line that made
the task is named. Fix: let a goroutine of its own do what blocks, and hand its result back to the loop.`

// checkBlockedGo reports the steps that held a loop which a program told of.
func checkBlockedGo(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		var found []*heldLoop
		for _, s := range p.LongSteps {
			if !recorded(s.Loop) || s.Loop.Overlapped || len(s.Loop.Runs) == 0 || s.Task == nil || s.Task.Site == nil {
				continue
			}
			found = addHeld(found, s)
		}
		for _, h := range found {
			report(h.finding(p))
		}
	}
}

// heldLoop is the long steps of the tasks of one place.
type heldLoop struct {
	longest *analyze.LongStep
	n       int
	totalNS int64
	others  int
	tasks   []*analyze.Task
}

func addHeld(found []*heldLoop, s *analyze.LongStep) []*heldLoop {
	var h *heldLoop
	for _, o := range found {
		if o.longest.Loop == s.Loop && sameSite(o.longest.Task.Site, s.Task.Site) {
			h = o
		}
	}
	if h == nil {
		h = &heldLoop{longest: s}
		found = append(found, h)
	}
	took := s.EndNS - s.BeginNS
	h.n++
	h.totalNS += took
	h.others = max(h.others, s.Others+s.Siblings)
	if took > h.longest.EndNS-h.longest.BeginNS {
		h.longest = s
	}
	if len(h.tasks) < blockTasks && !within([]*analyze.Task{s.Task}, h.tasks) {
		h.tasks = append(h.tasks, s.Task)
	}
	return found
}

func (h *heldLoop) finding(p *analyze.Process) analyze.Finding {
	s := h.longest
	longest := s.EndNS - s.BeginNS
	f := analyze.Finding{Severity: analyze.Note, At: s.Task.Site.At, Process: p, Loop: s.Loop, Tasks: h.tasks}
	if h.others > 0 && h.totalNS >= waitsWarnNS {
		f.Severity = analyze.Warning
	}
	if t := ownTest(s.Task); t != nil {
		f.Tests = []*analyze.Test{t}
	}
	f.Message = fmt.Sprintf("a step of %s held loop %s for %s", goTask(s.Task), loopWord(s.Loop), took(longest))
	if h.n > 1 {
		f.Message = fmt.Sprintf("steps of %s held loop %s %d times, for %s at most and %s in all", goTask(s.Task), loopWord(s.Loop), h.n, took(longest), took(h.totalNS))
	}
	if h.others > 0 {
		f.Message += fmt.Sprintf(": %s could not run meanwhile", count(h.others, "other task"))
	}
	var e evidence
	text := "the step began, and ended after " + took(longest)
	if !s.Ended {
		text = "the step began, and had not ended " + took(longest) + " later, when the trace ends"
	}
	e.add(s.BeginNS, nil, "%s", text)
	if s.Task.Site.At != nil {
		e.add(s.Task.SpawnedNS, s.Task.Site.At, "the task was made here")
	}
	f.Evidence = e
	f.Fix = analyze.Fix{
		Summary: "let a goroutine of its own do what blocks, and hand the result back to the loop",
		Code:    lines("go func() {", "\tresult, err := slow(ctx)", "\tloop.Submit(func() { use(result, err) })", "}()"),
	}
	return f
}

const causeInTask = "close-in-task"

const closeRunningGo = `

**Go**: nothing refuses such a close. A loop that the program records with the package recorder was closed by one of its own
tasks while it ran: a close that waits for the loop to end then waits for itself. It is an error if the task had not ended a
second later, else a warning. Fix: let the task only ask the loop to stop, and close it where it was run, after Run has returned.`

const hangNS = int64(time.Second)

// checkCloseRunningGo reports loops that one of their own tasks closed.
func checkCloseRunningGo(run *analyze.Run, report func(analyze.Finding)) {
	for _, c := range run.Closes {
		if !recorded(c.Loop) || c.Outcome == "noop" || c.Outcome == "seen" || !c.Running || c.Task == nil || c.Task.Loop != c.Loop {
			continue
		}
		end := c.Process.Exit.TimeNS
		f := analyze.Finding{Severity: analyze.Warning, Cause: causeInTask, At: c.At, Process: c.Process, Loop: c.Loop, Close: c, Tasks: []*analyze.Task{c.Task}}
		f.Message = fmt.Sprintf("%s closes loop %s, which runs it", goTask(c.Task), loopWord(c.Loop))
		if c.Task.EndedNS == 0 && end-c.TimeNS >= hangNS {
			f.Severity = analyze.Error
			f.Message += fmt.Sprintf(", and had not ended %s later", took(end-c.TimeNS))
		}
		if t := ownTest(c.Task); t != nil {
			f.Tests = []*analyze.Test{t}
		}
		var e evidence
		e.add(c.TimeNS, c.At, "closed here by %s, while the loop ran", goTask(c.Task))
		if c.Task.Site != nil && c.Task.Site.At != nil {
			e.add(c.Task.SpawnedNS, c.Task.Site.At, "the task was made here")
		}
		if c.Loop.At != nil {
			e.add(c.Loop.OpenedNS, c.Loop.At, "the loop was opened here")
		}
		f.Evidence = e
		f.Fix = analyze.Fix{
			Summary: "let the task only ask the loop to stop, and close it where it was run",
			Code:    lines("stop() // in the task", "", "loop.Run() // where the loop is run", "loop.Close()"),
		}
		report(f)
	}
}

// hangsInClose holds for the step that waits for its own end.
func hangsInClose(root, symptom *analyze.Finding) bool {
	return root.Cause == causeInTask && sameTasks(root, symptom)
}

const useAfterCloseGo = `

**Go**: tasks that were made on a loop of the package recorder after it had been closed. As an error where such a task never
began, for its work was lost without a word; where it ran all the same, as a note. Fix: refuse new work in the loop once it is closed.`

// checkUseAfterCloseGo reports tasks that were made on a closed loop.
func checkUseAfterCloseGo(run *analyze.Run, report func(analyze.Finding)) {
	late := keep(run.Tasks, func(t *analyze.Task) bool {
		return recorded(t.Loop) && t.BirthSeen && t.Loop.ClosedBy != nil && t.SpawnedNS > t.Loop.ClosedBy.TimeNS
	})
	for len(late) > 0 {
		first := late[0]
		same := func(t *analyze.Task) bool { return t.Loop == first.Loop && sameSite(t.Site, first.Site) }
		report(lateFinding(keep(late, same)))
		late = keep(late, func(t *analyze.Task) bool { return !same(t) })
	}
}

func lateFinding(tasks []*analyze.Task) analyze.Finding {
	first, n := tasks[0], len(tasks)
	c := first.Loop.ClosedBy
	f := analyze.Finding{Severity: analyze.Note, Process: first.Process, Loop: first.Loop, Tasks: tasks}
	if first.Site != nil {
		f.At = first.Site.At
	}
	lost := len(keep(tasks, func(t *analyze.Task) bool {
		return t.Steps == 0 && t.Outcome == "pending" && t.Process.Exit.TimeNS-t.SpawnedNS > patienceNS
	}))
	f.Message = fmt.Sprintf("%s %s made on loop %s %s after it had been closed", goTasks(tasks), verb(n, "was", "were"), loopWord(first.Loop), took(first.SpawnedNS-c.TimeNS))
	if lost > 0 {
		f.Severity = analyze.Error
		f.Message += ", and never began"
		if lost < n {
			f.Message += fmt.Sprintf(" (%d of %d)", lost, n)
		}
	}
	if t := ownTest(first); t != nil {
		f.Tests = []*analyze.Test{t}
	}
	var e evidence
	e.add(first.SpawnedNS, f.At, "made here")
	e.add(c.TimeNS, c.At, "the loop had been closed here%s", byWhom(c))
	f.Evidence = e
	f.Fix = analyze.Fix{
		Summary: "refuse new work once the loop is closed, and say so to the caller",
		Code:    lines("if l.closed {", "\treturn ErrClosed", "}"),
	}
	return f
}

const killedGo = `

**Go**: reported for programs whose loops, recorded with the package recorder, were open and had tasks. SIGQUIT, with which one asks a
Go program for its stacks, is none. Fix: signal.NotifyContext(ctx, syscall.SIGTERM), and end what is live when it is done.`

// checkKilledGo reports signals that ended a process under an open loop that it told of.
func checkKilledGo(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		sig := p.Exit.Signal
		live := keep(own(p.Exit.Live), func(l *analyze.Live) bool { return recorded(l.Task.Loop) && l.Task.Loop.ClosedBy == nil })
		if sig == 0 || sig == 2 || sig == 3 || len(live) == 0 {
			continue
		}
		tasks := tasksOf(live)
		f := analyze.Finding{Process: p, Tasks: tasks, Loop: tasks[0].Loop}
		f.Message = fmt.Sprintf("%s ended process %d while %s %s live", signalName(sig), p.PID, goTasks(tasks), verb(len(tasks), "was", "were"))
		f.Severity, f.Fix = signalVerdictGo(sig)
		var e evidence
		e.add(p.Exit.TimeNS, nil, "%s; no deferred function ran", signalName(sig))
		for i, l := range live {
			if i < namesShown && l.At != nil {
				e.add(max(l.SinceNS, -1), l.At, "%s was last seen here", goTask(l.Task))
			}
		}
		f.Evidence = e
		report(f)
	}
}

func signalVerdictGo(sig int) (analyze.Severity, analyze.Fix) {
	severity, fix := signalVerdict(sig)
	switch sig {
	case 9:
	case 4, 6, 7, 8, 11:
		fix = analyze.Fix{Summary: "the program crashed: let it print all goroutines", Code: "GOTRACEBACK=all ./program"}
	default:
		fix = analyze.Fix{
			Summary: "handle " + signalName(sig) + ": end what is live, then return from main()",
			Code:    lines("ctx, stop := signal.NotifyContext(context.Background(), syscall."+signalName(sig)+")", "defer stop()"),
		}
	}
	return severity, fix
}
