package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

func taskCollectedPending() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "task-collected-pending", Severity: analyze.Error, Since: "0.2",
			Title: "task that the garbage collector took while it was pending",
			Doc: `The loop itself keeps only weak references to tasks. A task that waits for something that only the task refers to
belongs to nobody; the garbage collector takes both, in the middle of what the task was doing, at a moment that nobody
chose.

**Reported** at the line that spawned the task, when a pending task was destroyed while its loop was open, whatever the
program's exception handler or logging did with the message; and for tasks that gather() made, of which CPython says
nothing, when they are gone without having ended.

**Reported as a warning**: tasks of a loop that no longer ran and that nobody closed.

**Not reported**: tasks that were pending when their loop was closed (see pending-at-close).

**Fix**: keep the task until it is done, in a set or, from 3.11 on, with a TaskGroup; and keep what it waits for.`,
		},
		Check: checkCollected,
	}
}

func checkCollected(run *analyze.Run, report func(analyze.Finding)) {
	told := map[*analyze.Task]bool{}
	for _, p := range run.Processes {
		for i := range p.Handled {
			h := &p.Handled[i]
			if h.Task == nil || !isMessage(h, destroyedText) || h.Loop == nil || closedBy(h.Loop, h.TimeNS) || h.Task.Inherited != nil {
				continue
			}
			told[h.Task] = true
			report(collectedFinding(p, h.Task, h.TimeNS, stillRuns(h.Loop, h.TimeNS)))
		}
	}
	if !endsSeen(run) {
		return
	}
	for _, t := range run.Tasks {
		if t.Outcome != "collected" || told[t] || t.Site == nil || !t.Site.Gather || !t.BirthSeen || t.LastSeen == nil || t.Inherited != nil {
			continue
		}
		if t.Parent == nil || !told[t.Parent] { // else it went with the task that waited for the gather()
			report(collectedFinding(t.Process, t, -1, true))
		}
	}
}

// endsSeen reports whether the end of every task was recorded: else one that is gone may well have ended.
func endsSeen(run *analyze.Run) bool {
	return run.Health.Complete && !slices.ContainsFunc(run.Health.Notes, func(note string) bool { return strings.Contains(note, "recorded") })
}

const destroyedText = "Task was destroyed but it is pending!"

// closedBy reports whether a loop had been closed by then.
func closedBy(l *analyze.Loop, timeNS int64) bool {
	return l.ClosedBy != nil && l.ClosedBy.TimeNS <= timeNS
}

// stillRuns reports whether a loop ran then or later.
func stillRuns(l *analyze.Loop, timeNS int64) bool {
	for _, r := range l.Runs {
		if r.EndNS == 0 || r.EndNS >= timeNS {
			return true
		}
	}
	return len(l.Runs) == 0
}

func collectedFinding(p *analyze.Process, t *analyze.Task, timeNS int64, runs bool) analyze.Finding {
	f := analyze.Finding{Process: p, Loop: t.Loop, Tasks: []*analyze.Task{t}}
	if t.Site != nil {
		f.At = t.Site.At
	}
	switch {
	case !runs:
		f.Severity = analyze.Warning
	case f.At == nil || t.Site.Via != "":
		f.Severity = analyze.Note
	}
	f.Message = fmt.Sprintf("%s was garbage collected while it was pending: nothing but the loop's weak reference knew of it", theTask(t))
	var e evidence
	if timeNS >= 0 {
		e.add(timeNS, f.At, "the task, spawned here, was collected after %s", count(t.Steps, "step"))
	} else {
		e.add(t.SpawnedNS, f.At, "the task, spawned here, took %s and then was gone without having ended", count(t.Steps, "step"))
	}
	if w := t.LastSeen; w != nil && w.At != nil {
		e.add(w.AsOfNS, w.At, "it had been waiting here for %s", forWhat(w.On.Kind))
	}
	if timeNS < 0 {
		e.add(-1, nil, "CPython says nothing about tasks that gather() made")
	}
	f.Evidence = e
	f.Fix = keepTask(p, t)
	return f
}

// forWhat names what a task waited for: "a future".
func forWhat(kind string) string {
	switch kind {
	case "", "none":
		return "something"
	case "io", "sleep":
		return kind
	case "executor":
		return "a job in an executor"
	case "event":
		return "an event"
	}
	return "a " + kind
}

func keepTask(p *analyze.Process, t *analyze.Task) analyze.Fix {
	coro := spawned(t.Site)
	code := []string{"task = asyncio.create_task(" + coro + ")", "tasks.add(task)  # a set that lives as long as they must", "task.add_done_callback(tasks.discard)"}
	if since(p, 11) {
		code = append(code, "", "# or, where they must end before the block does:", "async with asyncio.TaskGroup() as group:", "    group.create_task("+coro+")")
	}
	return analyze.Fix{Summary: "keep a reference to the task until it is done, and to what it waits for", Code: lines(code...)}
}
