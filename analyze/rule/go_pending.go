package rule

import (
	"cmp"
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

// Causes of pending-at-close in Go.
const (
	causeStillRunning = "still-running"
	causeQueued       = "never-started"
	causeStillWaiting = "still-waiting"
	causeOutlives     = "outlives-close"
)

const pendingGo = `

**Go**: a loop that the program records with the package recorder was closed while tasks of it had not ended, and they did not
end soon after either. And a function given with --close-func was called while goroutines that belong to what it closes were
there: those that a method of the same type, or its New function, made, themselves or through other goroutines, and that
never ended. All others that were live then are bystanders, which the facts list. Not reported: tasks that ended within a
tenth of a second; goroutines that were running or ready to run when the trace ends shortly after; a type of which several
were made, where it is not clear which of them was closed. Fix: cancel or signal what is live first, wait for it, then close.`

func goPendingCauses() []analyze.CauseInfo {
	return []analyze.CauseInfo{
		{ID: causeQueued, Doc: "Go: the task was queued and never began. Run what is queued, or refuse it, before the loop is closed."},
		{ID: causeStillRunning, Doc: "Go: the task was at work when its loop was closed. Wait for it first."},
		{ID: causeStillWaiting, Doc: "Go: the task waited when its loop was closed, and nobody told it to end. Cancel it and wait for it first."},
		{ID: causeOutlives, Doc: "Go: the goroutine belongs to what was closed, and outlived that. Let the close end it, and wait for it."},
	}
}

func checkPendingGo(run *analyze.Run, report func(analyze.Finding)) {
	checkSeenCloses(run, report)
	for _, c := range run.Closes {
		if c.Outcome != "closed" || !recorded(c.Loop) {
			continue
		}
		left := keep(own(c.Live), func(l *analyze.Live) bool { return l.Task.Loop == c.Loop && l.Task != c.Task && outlived(c, l) })
		for _, left := range byTest(left) {
			for _, g := range byState(left) {
				report(droppedFinding(c, g))
			}
		}
	}
}

// outlived reports whether a task that was live at a close did not end soon after it. What was at work right before the trace
// ends may have been about to end.
func outlived(c *analyze.Close, l *analyze.Live) bool {
	t, end := l.Task, c.Process.Exit.TimeNS
	if t.EndedNS != 0 {
		return t.EndedNS-c.TimeNS > patienceNS && t.Outcome != "cancelled"
	}
	return end-c.TimeNS > patienceNS || l.State == "suspended" || l.State == "not-started"
}

// byState takes tasks apart by what they did.
func byState(live []*analyze.Live) [][]*analyze.Live {
	var out [][]*analyze.Live
	for _, cause := range []string{causeStillWaiting, causeStillRunning, causeQueued} {
		if g := keep(live, func(l *analyze.Live) bool { return stateCause(l) == cause }); len(g) > 0 {
			out = append(out, g)
		}
	}
	return out
}

func stateCause(l *analyze.Live) string {
	switch l.State {
	case "not-started":
		return causeQueued
	case "running", "runnable":
		return causeStillRunning
	}
	return causeStillWaiting
}

func droppedFinding(c *analyze.Close, live []*analyze.Live) analyze.Finding {
	tasks, n := tasksOf(live), len(live)
	f := analyze.Finding{Cause: stateCause(live[0]), At: c.At, Process: c.Process, Loop: c.Loop, Close: c, Tasks: tasks}
	if t := ownTest(tasks[0]); t != nil {
		f.Tests = []*analyze.Test{t}
	}
	state := map[string]string{
		causeQueued:       verb(n, "was queued and never began", "were queued and never began"),
		causeStillRunning: verb(n, "was", "were") + " still at work",
		causeStillWaiting: verb(n, "was", "were") + " still " + doingAll(c.Process, live),
	}[f.Cause]
	f.Message = fmt.Sprintf("loop %s was closed while %s %s", loopWord(c.Loop), goTasks(tasks), state)
	if end := c.Process.Exit.TimeNS; end-c.TimeNS > patienceNS && tasks[0].EndedNS == 0 {
		f.Message += fmt.Sprintf(", and had not ended %s later", took(end-c.TimeNS))
	}
	var e evidence
	e.add(c.TimeNS, c.At, "closed here%s", byWhom(c))
	for i, l := range live {
		if i == namesShown {
			e.add(-1, nil, "and %s", count(n-i, "more task"))
			break
		}
		if t := l.Task; t.Site != nil && t.Site.At != nil {
			e.add(t.SpawnedNS, t.Site.At, "%s was made here", goTask(t))
		}
		if l.State == "suspended" && l.At != nil {
			e.add(cmp.Or(l.SinceNS, -1), l.At, "%s %s here%s", goTask(l.Task), waitWords(l.On.Kind), waited(l, c.TimeNS))
		}
	}
	f.Evidence, f.Fix = e, droppedFix(f.Cause)
	return f
}

// doingAll says what tasks that wait do, where all of them do the same.
func doingAll(p *analyze.Process, live []*analyze.Live) string {
	text := doing(p, live[0])
	for _, l := range live[1:] {
		if doing(p, l) != text {
			return "waiting"
		}
	}
	return text
}

func loopWord(l *analyze.Loop) string {
	if l.Class == "" {
		return fmt.Sprint(l.ID)
	}
	return l.Class
}

func byWhom(c *analyze.Close) string {
	if c.Task == nil {
		return ""
	}
	return " by " + goTask(c.Task)
}

func droppedFix(cause string) analyze.Fix {
	switch cause {
	case causeQueued:
		return analyze.Fix{Summary: "run what is queued, or refuse it, before the loop is closed", Code: lines("close(jobs)", "for job := range jobs { // what is left", "\tjob.Cancel(ErrClosed)", "}", "loop.Close()")}
	case causeStillRunning:
		return analyze.Fix{Summary: "wait for what is at work before the loop is closed", Code: lines("cancel()", "wg.Wait()", "loop.Close()")}
	}
	return analyze.Fix{Summary: "tell what waits to end, and wait for it, before the loop is closed", Code: lines("cancel() // the context that the tasks wait for too", "wg.Wait()", "loop.Close()")}
}
