package rule

import (
	"fmt"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

// Causes of deadlock.
const (
	causeLockOrder  = "lock-order"
	causeAwaitCycle = "await-cycle"
)

func deadlock() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "deadlock", Severity: analyze.Error, Since: "0.1",
			Title: "tasks or goroutines that wait for each other",
			Doc: `Each of these tasks waits for the next one, and the last waits for the first: for a lock that the other holds, or for
the end of the other. None of them can ever go on. The interpreter does not notice; the program hangs without a message,
until somebody stops or kills it.

**Reported** when such a cycle was seen and stood until the run, the loop or the process ended, with the wait that closed
it. It is looked for whenever a loop is closed or shut down, at the end of the process, and in samples while the loop has
nothing to do, so that a program that was killed while it hung is diagnosed too. As a warning where a timeout or a cancel
of the program's own broke the cycle, or would have: the program went on, but the tasks' work was lost.

**Not reported**: waits that somebody outside the cycle could end. A queue, an event or a future can be served by anyone;
looptrace why says what is known of them. A gather(), wait() or TaskGroup counts only if all that it waits for is stuck, a
semaphore only if every permit is held by a task inside its async with. Nor waits for a lock that was seen to be released
from outside of such a cycle: it serves as a signal.

**Reported as a note**: a cycle of locks that a task broke itself, because it had set a time limit to the wait for the second
lock, gave back the first, and carried on.

**Fix**: for locks: take them in the same order everywhere, or use one lock, and do not await a task that needs a lock you
hold. A lock is not reentrant: pass on that it is held instead of taking it again. For tasks: let one of them return
without awaiting the other.

**Known**: tasks that await each other cannot be cancelled: cancel() follows the circle until RecursionError, which then
ends asyncio.run() in its own clean-up.` + deadlockGo,
			Causes: append([]analyze.CauseInfo{
				{ID: causeLockOrder, Doc: "The cycle leads through a lock or semaphore that one task holds and another waits for; in the simplest form a task waits for a lock that it holds itself."},
				{ID: causeAwaitCycle, Doc: "The tasks await each other."},
			}, goDeadlockCauses()...),
		},
		Check: checkDeadlock, CheckGo: checkDeadlockGo,
	}
}

func checkDeadlock(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		signals := map[*analyze.Primitive]bool{}
		for _, d := range p.Deadlocks {
			signals[d.Released] = d.Released != nil
		}
		for _, d := range p.Deadlocks {
			ended := deadlockEnd(d)
			if ended == "" && d.EndNS != 0 || slices.ContainsFunc(d.Links, func(w *analyze.Wait) bool { return signals[w.Object] }) {
				continue // somebody unknown woke it, or could have: it was none
			}
			report(deadlockFinding(run, d, ended))
		}
	}
}

// triesSteps is how many steps a task takes at least that gives its locks back and tries again, and not to give up.
const triesSteps = 4

// backsOff reports whether a cycle was one that its tasks were prepared for: the one that went on had set a limit to just this
// wait, and carried on. A limit to the wait for a lock that the task holds itself is of no use.
func backsOff(d *analyze.Deadlock) bool {
	held := 0
	for _, w := range d.Links {
		if w.Held {
			held++
		}
	}
	return held > 1 && d.First != nil && d.First.OwnLimit && d.First.Task.Steps-d.FirstSteps >= triesSteps
}

// deadlockEnd says what ended a deadlock: "close", "shutdown", "interrupt", "cancel", "process"; "" if the program went on as
// if there had been none.
func deadlockEnd(d *analyze.Deadlock) string {
	first := d.Links[0].Task
	if s := first.CancelledAtShutdown; s != nil && s.BeginNS >= d.SinceNS && (d.EndNS == 0 || s.BeginNS <= d.EndNS) {
		return "shutdown"
	}
	if d.EndNS == 0 {
		if c := closeOf(d); c != nil {
			return "close"
		}
		return "process"
	}
	if !d.Cancelled {
		return ""
	}
	if interruptEnded(d) {
		return "interrupt"
	}
	return "cancel"
}

// interruptEnded reports whether it was Ctrl-C that broke a deadlock: up to 3.10 it leaves the run as an exception, from 3.11
// on asyncio.run() cancels the main task.
func interruptEnded(d *analyze.Deadlock) bool {
	if d.Loop != nil {
		for _, r := range d.Loop.Runs {
			if r.Exception == keyboardInterrupt && r.BeginNS <= d.SinceNS && r.EndNS >= d.EndNS {
				return true
			}
		}
	}
	for _, w := range d.Links {
		for _, c := range w.Task.Cancels {
			if c.TimeNS >= d.SinceNS && slices.ContainsFunc(c.Stack, func(f analyze.Frame) bool { return inModule(f, "asyncio/runners.py") && f.Function == "_on_sigint" }) {
				return true
			}
		}
	}
	return false
}

// closeOf returns the close that dropped the tasks of a deadlock, nil if there was none.
func closeOf(d *analyze.Deadlock) *analyze.Close {
	if d.Loop == nil || d.Loop.ClosedBy == nil {
		return nil
	}
	c := d.Loop.ClosedBy
	if slices.Contains(tasksOf(c.Live), d.Links[0].Task) {
		return c
	}
	return nil
}

func deadlockFinding(run *analyze.Run, d *analyze.Deadlock, ended string) analyze.Finding {
	f := analyze.Finding{
		Cause: causeAwaitCycle, Deadlock: d, Process: d.Process, Loop: d.Loop, At: d.Closing.At,
		Message: deadlockMessage(d, ended),
	}
	for _, w := range d.Links {
		f.Tasks = append(f.Tasks, w.Task)
		if w.Held {
			f.Cause = causeLockOrder
		}
		if f.At == nil {
			f.At = w.At
		}
	}
	if ended == "close" {
		f.Close = closeOf(d)
	}
	switch {
	case ended == "cancel" && backsOff(d):
		f.Severity = analyze.Note
	case d.Timed, ended == "cancel":
		f.Severity = analyze.Warning
	}
	f.Evidence = deadlockEvidence(run, d, ended)
	f.Fix = deadlockFix(d, f.Cause)
	return f
}

func deadlockMessage(d *analyze.Deadlock, ended string) string {
	var said string
	first := d.Links[0]
	switch {
	case len(d.Links) == 1:
		said = fmt.Sprintf("%s waits for %s, which it holds itself", theTask(first.Task), waitedFor(d.Process, first))
	case len(d.Links) > namesShown:
		said = fmt.Sprintf("%d tasks wait for each other in a circle: %s", len(d.Links), taskNames(linkTasks(d)))
	default:
		var parts []string
		for i, w := range d.Links {
			on := d.Links[(i+1)%len(d.Links)].Task
			if w.Held {
				parts = append(parts, fmt.Sprintf("%s waits for a %s that %s holds", taskName(w.Task), w.Kind, taskName(on)))
			} else {
				parts = append(parts, fmt.Sprintf("%s awaits %s", taskName(w.Task), taskName(on)))
			}
		}
		said = "tasks wait for each other: " + listed(parts)
	}
	if ended == "cancel" {
		return said + ", until a cancel or timeout broke it"
	}
	return said + verb(len(d.Links), "; it", "; none of them") + " can " + verb(len(d.Links), "never", "ever") + " go on"
}

func linkTasks(d *analyze.Deadlock) []*analyze.Task {
	var tasks []*analyze.Task
	for _, w := range d.Links {
		tasks = append(tasks, w.Task)
	}
	return tasks
}

// waitedFor names what a task waits for: "the lock made at app.py:3".
func waitedFor(p *analyze.Process, w *analyze.Wait) string {
	if w.Object != nil {
		if w.Object.At != nil {
			return "the " + w.Kind + " made at " + place(p, w.Object.At)
		}
		return "a " + w.Kind
	}
	return awaitWords[w.Kind]
}

var awaitWords = map[string]string{
	"task": "the end of a task", "gather": "a gather()", "shield": "a shield()", "wait": "asyncio.wait()", "wait_for": "wait_for()",
}

func deadlockEvidence(run *analyze.Run, d *analyze.Deadlock, ended string) []analyze.Evidence {
	var e evidence
	n := len(d.Links)
	add := func(i int) {
		w, on := d.Links[i], d.Links[(i+1)%n].Task
		switch {
		case w.Held && on == w.Task:
			e.add(w.SinceNS, w.At, "%s waits here for %s, and holds it", taskName(w.Task), waitedFor(d.Process, w))
		case w.Held:
			e.add(w.SinceNS, w.At, "%s waits here for %s, which %s holds", taskName(w.Task), waitedFor(d.Process, w), taskName(on))
		case w.Kind == "task":
			e.add(w.SinceNS, w.At, "%s awaits %s here", taskName(w.Task), taskName(on))
		default:
			e.add(w.SinceNS, w.At, "%s waits here in %s for %s", taskName(w.Task), waitedFor(d.Process, w), taskName(on))
		}
	}
	closing := slices.Index(d.Links, d.Closing)
	for i := range min(n, 8) {
		add((closing + i) % n)
	}
	if len(d.Behind) > 0 {
		e.add(-1, nil, "%s %s behind %s", theTasks(d.Behind), verb(len(d.Behind), "waits", "wait"), verb(n, "it", "them"))
	}
	switch ended {
	case "cancel":
		e.add(d.EndNS, nil, "a cancel ended it after %s", span(d.EndNS-d.SinceNS))
	case "interrupt":
		e.add(d.EndNS, nil, "Ctrl-C ended it after %s", span(d.EndNS-d.SinceNS))
	case "process":
		end := endOf(run, d.Process)
		e.add(end, nil, "nothing had changed when the process ended, %s later", span(end-d.SinceNS))
	}
	return e
}

// endOf returns when a process ended: a sudden end is not among the events, and came with that of the command at the latest.
func endOf(run *analyze.Run, p *analyze.Process) int64 {
	if !p.Exit.LiveExact && run.Info.Ended {
		return max(p.Exit.TimeNS, run.Info.DurationNS)
	}
	return p.Exit.TimeNS
}

// span returns a duration in words: "2.0 s".
func span(ns int64) string {
	if ns < 1e9 {
		return fmt.Sprintf("%d ms", max(ns, 0)/1e6)
	}
	return fmt.Sprintf("%.1f s", float64(ns)/1e9)
}

func deadlockFix(d *analyze.Deadlock, cause string) analyze.Fix {
	held := 0
	for _, w := range d.Links {
		if w.Held {
			held++
		}
	}
	switch {
	case cause == causeAwaitCycle:
		return analyze.Fix{
			Summary: "break the circle: one of the tasks must not await the other",
			Code:    lines("# let both put what the other needs into a future of its own, and await that:", "ready = asyncio.get_running_loop().create_future()", "ready.set_result(...)   # in the one", "value = await ready     # in the other"),
		}
	case len(d.Links) == 1:
		return analyze.Fix{
			Summary: "asyncio's locks are not reentrant: take the lock in one place only, and let the code inside expect it to be held",
			Code:    lines("async def update(self):", "    async with self.lock:", "        await self._update()  # takes no lock", "", "async def _update(self):  # to be called with the lock held", "    ..."),
		}
	case held < len(d.Links):
		return analyze.Fix{
			Summary: "do not await a task that needs the lock while holding the lock: release it first",
			Code:    lines("async with lock:", "    ...               # only what the lock protects", "await task            # outside"),
		}
	}
	if w := d.Links[0]; w.Kind == "semaphore" && w.Object != nil && d.Links[1].Object == w.Object {
		return analyze.Fix{
			Summary: "do not wait for a second permit of a semaphore while holding one: pass on that it is held, or raise the limit",
			Code:    lines("async with semaphore:", "    ...  # calls nothing that takes the same semaphore"),
		}
	}
	return analyze.Fix{
		Summary: "take the locks in one global order, whoever needs them, or use one lock for both",
		Code:    lines("first, second = sorted((a, b), key=id)  # the same order for everybody", "async with first:", "    async with second:", "        ..."),
	}
}

// deadlockConsequences is the part of the table of consequences that is about deadlocks.
func deadlockConsequences() []consequenceOf {
	return []consequenceOf{
		{root: "deadlock", symptom: "stopped-before-complete", same: allStuck},
		{root: "deadlock", symptom: "pending-at-close", same: allStuck},
		{root: "deadlock", symptom: "cancelled-at-exit", same: allStuck},
		{root: "deadlock", symptom: "live-at-exit", same: allStuck},
		{root: "deadlock", symptom: "loop-never-closed", same: stuckLoop},
		{root: "deadlock", symptom: "killed-by-signal", same: stuckToTheEnd},
		{root: "deadlock", symptom: "interrupted", same: brokenByCtrlC},
		{root: "deadlock", symptom: "exception-never-retrieved", same: cancelledGather},
	}
}

// allStuck holds for a symptom that is about tasks of a deadlock, and tasks that wait for those, only.
func allStuck(root, symptom *analyze.Finding) bool {
	if root.Deadlock == nil || root.Process != symptom.Process || len(symptom.Tasks) == 0 {
		return false
	}
	return within(symptom.Tasks, root.Tasks, root.Deadlock.Behind)
}

// stuckToTheEnd holds for the end of a process that hung in a deadlock.
func stuckToTheEnd(root, symptom *analyze.Finding) bool {
	return root.Deadlock != nil && root.Process == symptom.Process && root.Deadlock.EndNS == 0 && root.Close == nil
}

// brokenByCtrlC holds for the Ctrl-C that ended a program which hung.
func brokenByCtrlC(root, symptom *analyze.Finding) bool {
	return root.Deadlock != nil && sameLoop(root, symptom) && deadlockEnd(root.Deadlock) == "interrupt"
}

// cancelledGather holds for the gather() of tasks that were cancelled out of a deadlock: it fails with CancelledError.
func cancelledGather(root, symptom *analyze.Finding) bool {
	return root.Deadlock != nil && root.Deadlock.Cancelled && sameLoop(root, symptom) && symptom.At == nil && len(symptom.Tasks) == 0 && timeOf(symptom) >= root.Deadlock.EndNS
}

// stuckLoop holds for a loop that was never closed because it hung.
func stuckLoop(root, symptom *analyze.Finding) bool {
	return sameLoop(root, symptom) && stuckToTheEnd(root, symptom)
}
