package rule

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/looptrace/looptrace/analyze"
)

// Causes of orphan-task; causeSiblings is one of pending-at-close too.
const causeParentFailed = "parent-failed"

func orphanTask() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "orphan-task", Severity: analyze.Warning, Since: "0.1", PerTask: true,
			Title: "tasks that ran on after what they belonged to had failed",
			Doc: `A gather() raised the first error of one of its awaitables, or the task that had spawned others failed. The others were not
cancelled by that: they ran on, and nobody waits for their results or sees their errors.

**Reported** for tasks that were still running when the loop was closed, when asyncio.run() cancelled what was left, or when
the process ended, and that had gone on for a while after the failure.

**Not reported**: tasks that the program cancelled or awaited afterwards; tasks with a done callback of the program, which
have an owner; tasks that asyncio.run() cancelled because the failure itself ended the run; background tasks of a parent
that returned.

**Fix**: spawn them in a TaskGroup (3.11+), or cancel and await them in an except: or finally: block.`,
			Causes: []analyze.CauseInfo{
				{ID: causeSiblings, Doc: "gather() raised the first error at once; the other awaitables went on, unowned. Use a TaskGroup (3.11+) or cancel the rest."},
				{ID: causeParentFailed, Doc: "The task that spawned them raised an exception and left them behind. Use a TaskGroup (3.11+), or cancel them in a finally: block."},
			},
		},
		Check: checkOrphans,
	}
}

// ranOn is for how long a task must have gone on after the failure to be an orphan rather than on its way to the clean-up.
// Of a test that ended well nothing is on its way.
const ranOn = int64(50 * time.Millisecond)

// orphans is the orphans of one spawn site and cause, found at one moment.
type orphans struct {
	cause    string
	momentNS int64
	how      string        // the moment ended them
	failed   *analyze.Task // whose failure left them behind
	live     []*analyze.Live
}

func checkOrphans(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		var found []*orphans
		seen := map[*analyze.Task]bool{}
		look := func(ns int64, how string, live []*analyze.Live) {
			for _, l := range own(live) {
				if o := orphanOf(run, l, ns, how); o != nil && !seen[l.Task] {
					seen[l.Task] = true
					found = addOrphan(found, o)
				}
			}
		}
		for _, l := range p.Loops {
			for _, s := range l.Shutdowns {
				look(s.BeginNS, runnerName(s)+" cancelled", s.Live)
			}
			if c := l.ClosedBy; c != nil && !c.Implicit && !c.OtherProcess {
				look(c.TimeNS, "the close dropped", c.Live)
			}
		}
		look(p.Exit.TimeNS, "the end of the process dropped", p.Exit.Live)
		for _, o := range found {
			report(o.finding(p))
		}
	}
}

func addOrphan(found []*orphans, o *orphans) []*orphans {
	for _, f := range found {
		if f.cause == o.cause && f.momentNS == o.momentNS && f.failed == o.failed && sameSite(f.live[0].Task.Site, o.live[0].Task.Site) {
			f.live = append(f.live, o.live...)
			return found
		}
	}
	return append(found, o)
}

// orphanOf returns what a live task is an orphan of, nil if it is none.
func orphanOf(run *analyze.Run, l *analyze.Live, ns int64, how string) *orphans {
	t := l.Task
	if t.Site == nil || t.Site.At == nil || t.Site.Via != "" || l.CancelsSoFar > 0 || l.MustCancel || l.WaiterCancelled || owned(l) {
		return nil
	}
	o := &orphans{momentNS: ns, how: how, live: []*analyze.Live{l}}
	switch parent := t.Parent; {
	case siblingLeft(l):
		o.cause, o.failed = causeSiblings, failedSibling(run, t, ns)
	case parent != nil && parent.Outcome == "raised" && len(l.AwaitedBy) == 0:
		o.cause, o.failed = causeParentFailed, parent
	}
	switch {
	case o.failed == nil:
		return nil
	case ownTest(t) == nil && ns-o.failed.EndedNS < ranOn:
		return nil
	case ownTest(t) != nil && (t.Loop == nil || !returned(t, t.Loop, nil)): // the clean-up of a test is over when it has ended
		return nil
	}
	return o
}

// owned reports whether somebody still waits for a task.
func owned(l *analyze.Live) bool {
	return slices.ContainsFunc(l.AwaitedBy, func(by string) bool {
		return !strings.HasPrefix(by, "gather:") && !strings.HasPrefix(by, "shield:") || strings.HasSuffix(by, ":pending")
	})
}

// failedSibling returns the task whose error ended the gather() that t was part of.
func failedSibling(run *analyze.Run, t *analyze.Task, before int64) *analyze.Task {
	for _, s := range run.Tasks {
		if s != t && s.Site != nil && s.Loop == t.Loop && s.Outcome == "raised" && s.EndedNS <= before && s.Parent == t.Parent && s.Site.Gather == t.Site.Gather {
			return s
		}
	}
	return nil
}

func (o *orphans) finding(p *analyze.Process) analyze.Finding {
	first := o.live[0].Task
	f := analyze.Finding{Cause: o.cause, At: first.Site.At, Process: p, Loop: first.Loop, Tasks: tasksOf(o.live)}
	n := len(o.live)
	why := theTask(o.failed) + ", which had spawned " + verb(n, "it", "them") + ", had failed"
	if o.cause == causeSiblings {
		why = "gather() had failed with the error of " + taskName(o.failed)
	}
	f.Message = fmt.Sprintf("%s ran on unowned for %s after %s; %s %s", theTasks(f.Tasks), duration(o.momentNS-o.failed.EndedNS), why, o.how, verb(n, "it", "them"))
	var e evidence
	kind := "an exception"
	if o.failed.Exception != nil {
		kind = o.failed.Exception.Type
	}
	var at *analyze.Frame
	if o.failed.Site != nil {
		at = o.failed.Site.At
	}
	e.add(o.failed.EndedNS, at, "%s, spawned here, raised %s", taskName(o.failed), kind)
	for i, l := range o.live {
		if i < namesShown && l.At != nil {
			e.add(o.momentNS, l.At, "%s was waiting here after %s when %s it", taskName(l.Task), count(l.Steps, "step"), o.how)
		}
	}
	f.Evidence = e
	f.Fix = orphanFix(p, o.cause, first.Site)
	return f
}

func orphanFix(p *analyze.Process, cause string, site *analyze.Site) analyze.Fix {
	if cause == causeParentFailed && since(p, 11) {
		return analyze.Fix{Summary: "spawn it in a TaskGroup: that cancels it when the code around it fails, and waits for it", Code: lines("async with asyncio.TaskGroup() as group:", "    group.create_task("+spawned(site)+")", "    ...  # what may fail")}
	}
	if since(p, 11) {
		return analyze.Fix{Summary: "spawn them in a TaskGroup: it cancels the rest when one fails, and waits for them", Code: lines("async with asyncio.TaskGroup() as group:", "    for coro in coros:", "        group.create_task(coro)")}
	}
	code := lines("tasks = [asyncio.ensure_future(c) for c in coros]", "try:", "    await asyncio.gather(*tasks)", "finally:", "    for task in tasks:", "        task.cancel()", "    await asyncio.gather(*tasks, return_exceptions=True)")
	if cause == causeParentFailed {
		code = lines("try:", "    ...", "finally:", "    task.cancel()", "    await asyncio.gather(task, return_exceptions=True)")
	}
	return analyze.Fix{Summary: "keep the tasks, and cancel and await the rest when one fails", Code: code}
}
