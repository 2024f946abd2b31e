package recorder

import (
	"context"
	"runtime/trace"
	"strconv"
	"sync/atomic"
)

// category is that of the messages in an execution trace from which loops and tasks can be rebuilt without a recording:
// "loop ID open NAME", "loop ID run|stop|close|closed", "task ID loop ID", "task ID done returned|raised|cancelled".
const category = "looptrace"

// mirrorLoops is how many loops the Recorders of this process have opened. It numbers them for execution traces, where those of
// all Recorders are together.
var mirrorLoops atomic.Uint64

// mirror is the user task that stands for a task in an execution trace. It is nil where none was being written when the task
// was made.
type mirror struct {
	ctx  context.Context
	task *trace.Task
}

// mirrorTask begins the user task of a task, if an execution trace is being written.
func (l *Loop) mirrorTask(ctx context.Context, t *Task) *mirror {
	if !trace.IsEnabled() {
		if l.mirrored.Load() { // the next one does not know the loop
			l.mirrored.Store(false)
		}
		return nil
	}
	if !l.mirrored.Load() {
		l.mirrorOpen()
	}
	if ctx == nil {
		ctx = context.Background()
	}
	m := &mirror{}
	m.ctx, m.task = trace.NewTask(ctx, t.name)
	trace.Log(m.ctx, category, "task "+strconv.FormatUint(t.id, 10)+" loop "+strconv.FormatUint(l.number, 10))
	return m
}

// region begins the region of a step, which has to end on the same goroutine.
func (m *mirror) region(ctx context.Context, name string) *trace.Region {
	if m == nil || !trace.IsEnabled() {
		return nil
	}
	return trace.StartRegion(ctx, name)
}

func (m *mirror) end(t *Task, outcome uint64) {
	if m == nil {
		return
	}
	words := [...]string{slotReturned: "returned", slotRaised: "raised", slotCancelled: "cancelled"}
	trace.Log(m.ctx, category, "task "+strconv.FormatUint(t.id, 10)+" done "+words[outcome])
	m.task.End()
}

// mirrorOpen tells an execution trace of the loop.
func (l *Loop) mirrorOpen() {
	if trace.IsEnabled() {
		l.mirrored.Store(true)
		l.mirror("open " + l.name)
	}
}

func (l *Loop) mirror(what string) {
	if trace.IsEnabled() {
		trace.Log(context.Background(), category, "loop "+strconv.FormatUint(l.number, 10)+" "+what)
	}
}
