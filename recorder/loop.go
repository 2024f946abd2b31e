package recorder

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Loop is one event loop, worker pool, server, scheduler: whatever runs tasks and is closed in the end. The nil Loop records
// nothing.
type Loop struct {
	rec  *Recorder
	id   uint32
	name string

	runs     atomic.Int32              // begun and not ended
	run      atomic.Pointer[[]uintptr] // stack of the last Run
	closed   atomic.Bool
	late     atomic.Int32 // uses after the close
	number   uint64       // in execution traces
	mirrored atomic.Bool  // the execution trace that is being written knows the loop
	shards   [shards]shard
}

// shards of the live tasks of a loop: goroutines that make and end tasks at once are not to wait for each other.
const shards = 8

type shard struct {
	sync.Mutex
	head *Task
	_    [48]byte
}

func (l *Loop) shard(id uint64) *shard { return &l.shards[id%shards] }

// link makes a task one of the live ones. The shard is locked.
func (s *shard) link(t *Task) {
	t.next = s.head
	if s.head != nil {
		s.head.prev = t
	}
	s.head = t
}

// unlink takes a task that has ended out of the live ones. The shard is locked.
func (s *shard) unlink(t *Task) {
	if t.prev != nil {
		t.prev.next = t.next
	} else {
		s.head = t.next
	}
	if t.next != nil {
		t.next.prev = t.prev
	}
	t.prev, t.next = nil, nil
}

// tell writes a fact about the loop.
func (l *Loop) tell(kind string, stack []uintptr, more func(line)) {
	s := l.rec.spool
	if s == nil {
		return
	}
	s.lock()
	defer s.unlock()
	id := s.stack(stack)
	f := s.begin(kind).num("loop", uint64(l.id)).num("stack", id)
	if more != nil {
		more(f)
	}
	f.end()
}

const runAPI = "Run"

// Run records that the loop begins to run its tasks, until Stop. A loop that runs on one goroutine calls both there.
func (l *Loop) Run() {
	if l == nil {
		return
	}
	stack := callers(maxStack)
	l.run.Store(&stack)
	l.runs.Add(1)
	if l.closed.Load() {
		l.usedClosed(runAPI, stack)
	}
	l.tell("run_begun", head(stack), func(f line) { f.text("api", runAPI) })
	l.mirror("run")
}

// Stop records that the loop stops to run its tasks.
func (l *Loop) Stop() {
	if l == nil {
		return
	}
	if l.runs.Add(-1) < 0 { // it did not run
		l.runs.Add(1)
		return
	}
	l.forget()
	l.tell("run_ended", nil, func(f line) { f.text("api", runAPI) })
	l.mirror("stop")
}

// maxStack is how many frames of a stack are looked at, maxDepth how many are recorded.
const maxStack = 64

func head(stack []uintptr) []uintptr { return stack[:min(len(stack), maxDepth)] }

// Close records that the loop is closed, and returns what is still live, by ID: nothing will run these tasks any more, or
// nobody wait for them. Call it where the close is complete, after what it cancels or waits for has ended. A second call is
// recorded as one that closes nothing, and returns what is live then.
func (l *Loop) Close() []TaskInfo {
	if l == nil {
		return nil
	}
	stack := callers(maxStack)
	again := l.closed.Swap(true)
	l.mirror("close")
	list := l.close(stack, again)
	l.forget()
	l.mirror("closed")
	return infos(list)
}

// close takes the snapshot and writes the facts of a close. What was live is that of one moment, and the slot that says when
// it was lies between those of what happened before and after.
func (l *Loop) close(stack []uintptr, again bool) []*liveTask {
	s := l.rec.spool
	if s == nil {
		list, _ := l.snapshot(false)
		find(list)
		return list
	}
	s.lock()
	defer s.unlock()
	s.flush(reservation{})
	list, at := l.snapshot(true)
	caller := find(list)
	if caller == 0 && l.inside(stack) {
		caller = onlyStep(list)
	}
	id := s.stack(head(stack))
	s.begin("close_begun").num("loop", uint64(l.id)).num("stack", id).task("task", caller).
		num("running", truth(l.runs.Load() > 0)).num("closed", truth(again)).end()
	outcome := "closed"
	if again {
		outcome = "noop"
	}
	s.tellLive(list)
	s.begin("close_ended").num("loop", uint64(l.id)).text("outcome", outcome).end()
	s.flush(at)
	return list
}

// forget lets go of a loop of which nothing more is to be told.
func (l *Loop) forget() {
	if !l.closed.Load() || l.runs.Load() > 0 {
		return
	}
	l.rec.mu.Lock()
	delete(l.rec.loops, l)
	l.rec.mu.Unlock()
}

func truth(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// inside reports whether a stack is one of the goroutine that runs the loop: it goes on outwards from the function that called
// Run as the stack of that call did, and no other loop was run from there.
func (l *Loop) inside(stack []uintptr) bool {
	run := l.run.Load()
	if run == nil || l.runs.Load() == 0 || len(*run) < 2 {
		return false
	}
	outer := (*run)[1:]
	if len(outer) >= len(stack) || !slices.Equal(outer, stack[len(stack)-len(outer):]) {
		return false
	}
	from, now := frames((*run)[:1]), frames(stack[:len(stack)-len(outer)])
	if len(from) == 0 || len(now) == 0 || now[len(now)-1].Function != from[len(from)-1].Function {
		return false
	}
	l.rec.mu.Lock()
	defer l.rec.mu.Unlock()
	for other := range l.rec.loops {
		if r := other.run.Load(); other != l && r != nil && other.runs.Load() > 0 && slices.Equal(*r, *run) {
			return false
		}
	}
	return true
}

// maxLate bounds how many uses of a closed loop are recorded.
const maxLate = 100

// usedClosed records that something was asked of the loop after it was closed.
func (l *Loop) usedClosed(call string, stack []uintptr) {
	if l.late.Add(1) <= maxLate {
		l.tell("loop_used_closed", head(stack), func(f line) { f.text("call", call) })
	} else {
		l.late.Store(maxLate)
	}
}
