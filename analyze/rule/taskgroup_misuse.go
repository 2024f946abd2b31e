package rule

import (
	"github.com/looptrace/looptrace/analyze"
)

const parentGoneText = "parent task is already completed"

// groupMisuses says for each of asyncio's words what was done, and what to do.
var groupMisuses = map[string][2]string{
	"TaskGroup has not been entered":             {"a task was put into a TaskGroup before its async with", "create the tasks inside of the async with of the group"},
	"TaskGroup has already been entered":         {"a TaskGroup was entered twice", "make a new TaskGroup for every async with"},
	"TaskGroup cannot determine the parent task": {"a TaskGroup was entered outside of a task", "enter the group in a coroutine that a task runs"},
	"TaskGroup is finished":                      {"a task was put into a TaskGroup that was finished; its coroutine never ran", "create the task before the async with of the group ends, or in a group that lives longer"},
	"TaskGroup is shutting down":                 {"a task was put into a TaskGroup that was being cancelled; its coroutine never ran", "create no task in the clean-up of a group: what failed in it has cancelled it"},
	parentGoneText:                               {"a task of a TaskGroup failed after the task that had entered the group was done: nobody got its exception", "leave the group with async with, so that its tasks end before their parent"},
}

func taskgroupMisuse() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "taskgroup-misuse", Severity: analyze.Error, Since: "0.2",
			Title: "TaskGroup used outside of its lifetime",
			Doc: `An asyncio.TaskGroup (3.11+) lives from the begin of its async with to its end. Before and after, and once it is being
cancelled because a task of it failed, create_task() is refused with a RuntimeError ("has not been entered", "is finished",
"is shutting down"); so is entering it twice or outside of a task. The refused coroutine never runs.

**Reported** for every refused call, and for a task of a group that failed when the task that had entered the group was
already done. Typical: a callback, or a task that is not of the group, still holds the group and gives it work.

**Not reported**: the exception group that a TaskGroup raises when a task of it failed, which is what it is for; what a library
tries and deals with itself, or a handler of the program names and passes over, is a note.

**Fix**: hand the group only to what ends before it does. What must outlive the group needs a longer-lived one.

**Known**: up to 3.12 the refused coroutine is reported as "never awaited" too; from 3.13 on it is closed.`,
		},
		Check: func(run *analyze.Run, report func(analyze.Finding)) {
			checkMisuse(run, groupMisuses, analyze.Error, report)
		},
	}
}

// lateChild completes the finding of a task that failed when its group's parent was done: it happens in a callback of the
// loop, so the line to show is the one that put the task into the group.
func lateChild(m *misuse, f *analyze.Finding) {
	f.Severity = analyze.Error
	if m.task != nil && m.task.Site != nil && m.task.Site.At != nil {
		f.At = m.task.Site.At
		var e evidence = f.Evidence
		e.add(m.task.SpawnedNS, f.At, "%s was put into the group here", theTask(m.task))
		f.Evidence = e
	}
}
