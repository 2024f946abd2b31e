package rule

import (
	"fmt"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

func taskReentrancy() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "task-reentrancy", Severity: analyze.Error, Since: "0.2",
			Title: "step of a task that was lost because another task was running",
			Doc: `The loop's callbacks were run from inside a task: by a nested run of the loop, or by calling its internals. asyncio
refuses to step a task while another one is being stepped ("Cannot enter into task … while another task … is being
executed"). The refused step is not tried again: that task never goes on, and whoever waits for it hangs.

**Reported** at the line of the program that ran the loop inside the task, with the tasks whose step was lost.

**Not reported**: nesting that replaces the task machinery as a whole and loses no step.

**Fix**: await instead of running the loop again. Synchronous code that needs a result belongs in a thread:
asyncio.to_thread(), and run_coroutine_threadsafe() back.`,
		},
		Check: checkReentrancy,
	}
}

func checkReentrancy(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		var found []analyze.Finding
		for i := range p.Handled {
			h := &p.Handled[i]
			if h.Refused == "" {
				continue
			}
			at := firstUser(h.Stack)
			n := slices.IndexFunc(found, func(f analyze.Finding) bool { return compareFrames(f.At, at) == 0 && f.Loop == h.Loop })
			if n < 0 {
				n = len(found)
				found = append(found, reentrancy(p, h, at))
			}
			if f := &found[n]; h.Task != nil && !slices.Contains(f.Tasks, h.Task) {
				f.Tasks = append(f.Tasks, h.Task)
				e := evidence(f.Evidence)
				e.spawnedAt(h.Task)
				f.Evidence = e
			}
		}
		for _, f := range found {
			f.Message = lostSteps(f.Tasks)
			report(f)
		}
	}
}

func reentrancy(p *analyze.Process, h *analyze.HandledException, at *analyze.Frame) analyze.Finding {
	f := analyze.Finding{Process: p, Loop: h.Loop, At: at}
	if at == nil {
		f.Severity = analyze.Warning
	}
	inside := ""
	if h.Running != nil {
		inside = " inside " + theTask(h.Running)
	}
	var e evidence
	e.add(h.TimeNS, at, "the loop was run here%s; asyncio refused the step: %s", inside, h.Refused)
	f.Evidence = e
	f.Fix = analyze.Fix{
		Summary: "await what is needed instead of running the loop inside a task",
		Code:    lines("result = await coroutine()", "# from synchronous code: run that in a thread", "result = await asyncio.to_thread(work)"),
	}
	return f
}

func lostSteps(tasks []*analyze.Task) string {
	var hang []*analyze.Task
	for _, t := range tasks {
		if t.EndedNS == 0 {
			hang = append(hang, t)
		}
	}
	if len(hang) == 0 {
		return "the loop was run again inside a task, and steps of other tasks were refused"
	}
	return fmt.Sprintf("the loop was run again inside a task: a step of %s was refused and is lost, so %s never %s on",
		theTasks(hang), verb(len(hang), "it", "they"), verb(len(hang), "goes", "go"))
}
