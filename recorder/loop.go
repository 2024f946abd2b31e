package recorder

import (
	"sync"
	"sync/atomic"
)

// Loop is one event loop, worker pool, server, scheduler: whatever runs tasks and is closed in the end. The nil Loop records
// nothing.
type Loop struct {
	rec  *Recorder
	id   uint32
	name string

	runs   atomic.Int32 // begun and not ended
	closed atomic.Bool
	shards [shards]shard
}

// shards of the live tasks of a loop: goroutines that make and end tasks at once are not to wait for each other.
const shards = 8

type shard struct {
	sync.Mutex
	head *Task
	_    [48]byte
}

func (l *Loop) shard(id uint64) *shard { return &l.shards[id%shards] }

// link makes a task one of the live ones.
func (l *Loop) link(t *Task) {
	s := l.shard(t.id)
	s.Lock()
	t.next = s.head
	if s.head != nil {
		s.head.prev = t
	}
	s.head = t
	s.Unlock()
}

// unlink takes a task that has ended out of the live ones.
func (l *Loop) unlink(t *Task) {
	s := l.shard(t.id)
	s.Lock()
	if t.prev != nil {
		t.prev.next = t.next
	} else {
		s.head = t.next
	}
	if t.next != nil {
		t.next.prev = t.prev
	}
	t.prev, t.next = nil, nil
	s.Unlock()
}

// Run records that the loop begins to run its tasks; Stop ends that.
func (l *Loop) Run() {
	if l == nil {
		return
	}
	l.runs.Add(1)
}

// Stop records that the loop stops to run its tasks.
func (l *Loop) Stop() {
	if l == nil {
		return
	}
	l.runs.Add(-1)
}

// Close records that the loop is closed, and returns what is still live, by ID: nothing will run these tasks any more, or
// nobody wait for them. Call it where the close is complete, after what it cancels or waits for has ended. A second call is
// recorded as one that closes nothing and returns what is live then.
func (l *Loop) Close() []TaskInfo {
	if l == nil {
		return nil
	}
	l.closed.Store(true)
	return l.Live()
}
