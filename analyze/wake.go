package analyze

import (
	"slices"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// taskWoken takes in that the future a task waits for is done, and its next step scheduled. Where a thread stands for several,
// by whom is not known.
func (p *proc) taskWoken(e *tracefile.Event) {
	th := p.thread(e.Thread)
	t := p.task(e.Task, th.loop())
	if t == nil || t.outcome != 0 {
		return
	}
	by := th.step
	if by != nil && p.sharedThread(th) {
		by = nil
	}
	t.wokenNS, t.wokenBy, t.wokenByCancel = e.Time, 0, false
	if p.pub.Go() && t.thread == nil {
		p.b.waited.over(t, e.Time)
		t.chain, t.chainNS, t.sinceNS = runnableChain, e.Time, e.Time
	}
	if by != nil {
		t.wokenBy = by.id
	}
	p.b.woken(t, by, e.Time)
}

// nameWakers finds who woke the tasks last. Nobody is kept for that: a task wakes others all its life.
func nameWakers(tasks []*Task) {
	for _, t := range tasks {
		if t.LastWake == nil || t.waker == 0 {
			continue
		}
		i, found := slices.BinarySearchFunc(tasks, t.waker, func(other *Task, id int) int { return other.ID - id })
		if t.LastWake.Forgotten = !found; found {
			t.LastWake.By = tasks[i]
		}
	}
}
