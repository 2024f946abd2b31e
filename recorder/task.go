package recorder

import (
	"context"
	"sync/atomic"
)

// Task is one task of a loop. The nil Task records nothing.
type Task struct {
	loop    *Loop
	id      uint64
	name    string
	parent  uint64 // ID of the task whose context it was made with; 0: none
	site    *site
	spawned int64
	state   atomic.Uint32
	since   atomic.Int64 // when the state began
	wait    atomic.Pointer[wait]

	prev, next *Task // of the shard
}

// States of a task.
const (
	notStarted = iota
	running
	suspended
	ended
)

var states = [...]string{notStarted: "not-started", running: "running", suspended: "suspended"}

type taskKey struct{}

// from returns the task that ctx was made with, nil if there is none.
func from(ctx context.Context) *Task {
	if ctx == nil {
		return nil
	}
	t, _ := ctx.Value(taskKey{}).(*Task)
	return t
}

// Task makes a task. Its parent is the task that ctx is of; the context returned is that of the new one. Whoever makes it
// tells with Start, Wait and Done what becomes of it. On a nil Loop it returns ctx and nil.
func (l *Loop) Task(ctx context.Context, name string) (context.Context, *Task) {
	if l == nil {
		return ctx, nil
	}
	t := l.spawn(ctx, name, 0)
	return t.context(ctx), t
}

func (t *Task) context(ctx context.Context) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	return context.WithValue(ctx, taskKey{}, t)
}

// spawn makes a task. skip is how many frames of the recorder are between its caller and the program.
func (l *Loop) spawn(ctx context.Context, name string, skip int) *Task {
	t := &Task{loop: l, id: l.rec.tasks.Add(1), name: clip(name), spawned: l.rec.clock.now()}
	if p := from(ctx); p != nil && p.loop.rec == l.rec {
		t.parent = p.id
	}
	t.site = l.rec.site(skip + 2)
	t.since.Store(t.spawned)
	l.link(t)
	return t
}

// ID returns the number of the task, counted from 1 by its Recorder; 0 for the nil Task.
func (t *Task) ID() uint64 {
	if t == nil {
		return 0
	}
	return t.id
}

// Start records that a step of the task begins: it runs from here on.
func (t *Task) Start() {
	if t == nil || t.state.Load() == ended {
		return
	}
	t.state.Store(running)
	t.since.Store(t.loop.rec.clock.now())
}

// Wait records that the step of the task ends, for the task waits for something. reason is a word for what: "timer", "reply".
// The line that calls Wait is recorded as the one where the task waits.
func (t *Task) Wait(reason string) {
	if t == nil || t.state.Load() == ended {
		return
	}
	t.wait.Store(t.loop.rec.wait(reason, 1))
	t.state.Store(suspended)
	t.since.Store(t.loop.rec.clock.now())
}

// Done records that the task has ended: it returned; it was cancelled, if err is, or wraps, context.Canceled or
// context.DeadlineExceeded; it failed with the type of any other error, whose text is not recorded. Only the first call
// counts.
func (t *Task) Done(err error) {
	if t == nil {
		return
	}
	if t.state.Swap(ended) == ended {
		return
	}
	t.loop.unlink(t)
	_ = err
}

// Cancel records that somebody asks the task to end, and where. cause is not recorded but for its type.
func (t *Task) Cancel(cause error) {
	if t == nil || t.state.Load() == ended {
		return
	}
	_ = cause
}
