package recorder

import (
	"cmp"
	"slices"
	"time"
)

// TaskInfo is a live task at one moment.
type TaskInfo struct {
	ID      uint64 // counted from 1 by the Recorder; a report may count those that are made at once in another order
	Name    string
	Parent  uint64    // ID of the task that made it; 0: none did
	State   string    // "not-started", "runnable", "running", "suspended"
	Reason  string    // what a suspended task waits for; "" if that is not known
	Since   time.Time // when it came into that state; of one that is blocked in its own goroutine, when its step began
	Spawned []Frame   // where it was made, innermost first
	Waiting []Frame   // where a suspended task waits, innermost first; nil if that is not known
	blocked bool      // it is blocked in its own goroutine
}

// Live returns the tasks of the loop that have not ended, by ID; nil on a nil Loop.
func (l *Loop) Live() []TaskInfo {
	if l == nil {
		return nil
	}
	list, _ := l.snapshot(false)
	find(list)
	return infos(list)
}

// liveTask is a task as a snapshot found it.
type liveTask struct {
	*Task
	state  uint64
	since  int64
	wait   *place    // of the last Wait
	reason string    // what it waits for
	stack  []uintptr // where it waits
	found  bool      // its goroutine was found, which is where stack is from
}

// snapshot returns the live tasks by ID, all of one moment, and for a spool a slot that lies in that moment.
func (l *Loop) snapshot(reserve bool) (list []*liveTask, at reservation) {
	for i := range l.shards {
		l.shards[i].Lock()
	}
	for i := range l.shards {
		for t := l.shards[i].head; t != nil; t = t.next {
			state := t.state.Load()
			list = append(list, &liveTask{Task: t, state: state & stateMask, since: int64(state >> stateBits), wait: t.wait.Load()})
		}
	}
	if reserve {
		at = l.rec.spool.reserve(1)
	}
	for i := range l.shards {
		l.shards[i].Unlock()
	}
	slices.SortFunc(list, func(a, b *liveTask) int { return cmp.Compare(a.id, b.id) })
	for _, t := range list {
		if w := t.wait; w != nil && t.state == suspended {
			t.reason, t.stack = w.word, w.stack
		}
	}
	return list, at
}

// stateWord is the word for the state.
func (t *liveTask) stateWord() string {
	if t.state == notStarted && t.spawns.Load() {
		return runnable
	}
	return states[min(t.state, suspended)]
}

// onlyStep returns the ID of the task whose step is open, 0 if there is not exactly one.
func onlyStep(list []*liveTask) uint64 {
	id := uint64(0)
	for _, t := range list {
		if t.state == running && !t.found {
			if id != 0 {
				return 0
			}
			id = t.id
		}
	}
	return id
}

func infos(list []*liveTask) []TaskInfo {
	var out []TaskInfo
	known := map[*uintptr][]Frame{} // by stack: many tasks have the same
	of := func(stack []uintptr) []Frame {
		if len(stack) == 0 {
			return nil
		}
		f, ok := known[&stack[0]]
		if !ok {
			f = slices.Clip(frames(stack))
			known[&stack[0]] = f
		}
		return f
	}
	for _, t := range list {
		out = append(out, TaskInfo{
			ID: t.id, Name: t.name, Parent: t.parent, State: t.stateWord(), Reason: t.reason,
			Since: t.loop.rec.clock.at(t.since), Waiting: of(t.stack), Spawned: of(t.site.stack),
			blocked: t.found && t.state == suspended,
		})
	}
	return out
}

// standing is where a task stands, by its stack, which many tasks share.
type standing struct {
	state, on string
	stack     *uintptr
}

// tellLive writes the facts of live tasks.
func (s *spool) tellLive(list []*liveTask) {
	chains := map[standing]uint64{}
	for _, t := range list {
		at := standing{state: t.stateWord(), on: t.reason}
		if t.state != suspended {
			at.on = "none"
		}
		if len(t.stack) > 0 {
			at.stack = &t.stack[0]
		}
		chain, ok := chains[at]
		if !ok {
			chain = s.chain(at.state, at.on, t.stack)
			chains[at] = chain
		}
		f := s.begin("live_task").task("task", t.id).num("loop", uint64(t.loop.id)).num("chain", chain).text("name", t.name)
		if t.state == suspended && !t.found {
			f.num("since", uint64(t.since))
		}
		f.end()
		if len(s.buf) > maxBuffer { // the slot that says when it was comes with the rest
			s.write()
			s.buf = s.buf[:0]
		}
	}
}
