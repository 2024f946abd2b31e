package recorder

import (
	"cmp"
	"slices"
	"time"
)

// TaskInfo is a live task at one moment.
type TaskInfo struct {
	ID      uint64 // counted from 1 by the Recorder
	Name    string
	Parent  uint64    // ID of the task that made it; 0: none did
	State   string    // "not-started", "running", "suspended"
	Reason  string    // what a suspended task waits for; "" if it did not say
	Since   time.Time // when it came into that state
	Spawned []Frame   // where it was made, innermost first
	Waiting []Frame   // where a suspended task waits, innermost first; nil if that is not known
}

// Live returns the tasks of the loop that have not ended, by ID; nil on a nil Loop.
func (l *Loop) Live() []TaskInfo {
	if l == nil {
		return nil
	}
	var out []TaskInfo
	for _, t := range l.live() {
		out = append(out, t.info())
	}
	return out
}

// live returns the live tasks by ID. They are those of one moment.
func (l *Loop) live() []*Task {
	for i := range l.shards {
		l.shards[i].Lock()
	}
	var list []*Task
	for i := range l.shards {
		for t := l.shards[i].head; t != nil; t = t.next {
			list = append(list, t)
		}
	}
	for i := range l.shards {
		l.shards[i].Unlock()
	}
	slices.SortFunc(list, func(a, b *Task) int { return cmp.Compare(a.id, b.id) })
	return list
}

func (t *Task) info() TaskInfo {
	state := t.state.Load()
	info := TaskInfo{
		ID: t.id, Name: t.name, Parent: t.parent, State: states[min(state, suspended)], Since: t.loop.rec.clock.at(t.since.Load()),
	}
	if t.site != nil {
		info.Spawned = frames(t.site.pcs)
	}
	if w := t.wait.Load(); w != nil && state == suspended {
		info.Reason, info.Waiting = w.reason, frames(w.pcs)
	}
	return info
}
