// Package eventloop is a small event loop: one goroutine runs callbacks from a queue, and timers put callbacks there. It is
// an example of a library that keeps a *recorder.Loop, which is nil unless somebody wants to know.
package eventloop

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/looptrace/looptrace/recorder"
)

var (
	// ErrRunning is what Close returns while Run is at work.
	ErrRunning = errors.New("eventloop: the loop is running")
	// ErrClosed is what Call returns once the loop is closed.
	ErrClosed = errors.New("eventloop: the loop is closed")
)

// Loop runs callbacks, one at a time.
type Loop struct {
	rec *recorder.Loop // nil: nothing is recorded

	mu      sync.Mutex
	wake    *sync.Cond
	queue   []call
	running bool
	stopped bool
	closed  bool
}

// call is a callback and the task that stands for it.
type call struct {
	f    func()
	task *recorder.Task
}

// New returns a loop that tells rec of its work; rec may be nil.
func New(rec *recorder.Loop) *Loop {
	l := &Loop{rec: rec}
	l.wake = sync.NewCond(&l.mu)
	return l
}

// Call queues f. The name is what a recording calls it, and ctx says which task asks for it.
func (l *Loop) Call(ctx context.Context, name string, f func(context.Context)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return ErrClosed
	}
	ctx, task := l.rec.Task(ctx, name)
	l.enqueue(call{func() { f(ctx) }, task})
	return nil
}

// Timer is a callback that will be queued later.
type Timer struct {
	timer *time.Timer
	task  *recorder.Task
}

// After queues f when d has passed. The timer is the runtime's: no goroutine waits for it.
func (l *Loop) After(ctx context.Context, d time.Duration, name string, f func(context.Context)) *Timer {
	ctx, task := l.rec.Task(ctx, name)
	task.Wait("timer")
	c := call{func() { f(ctx) }, task}
	return &Timer{time.AfterFunc(d, func() { l.fire(c) }), task}
}

// Stop prevents the callback, unless it is in the queue already.
func (t *Timer) Stop() bool {
	stopped := t.timer.Stop()
	if stopped {
		t.task.Cancel(context.Canceled)
		t.task.Done(context.Canceled)
	}
	return stopped
}

// fire does not end the task of a callback that comes too late: it will never run, and a recording is to tell.
func (l *Loop) fire(c call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.enqueue(c)
	}
}

func (l *Loop) enqueue(c call) {
	l.queue = append(l.queue, c)
	l.wake.Signal()
}

// Run runs callbacks until Stop is called; those that are in the queue by then are left there.
func (l *Loop) Run() {
	l.rec.Run()
	l.mu.Lock()
	l.running, l.stopped = true, false
	for {
		for len(l.queue) == 0 && !l.stopped {
			l.wake.Wait()
		}
		if l.stopped {
			break
		}
		c := l.queue[0]
		l.queue = l.queue[1:]
		l.mu.Unlock()
		c.task.Start()
		c.f()
		c.task.Done(nil)
		l.mu.Lock()
	}
	l.running = false
	l.mu.Unlock()
	l.rec.Stop()
}

// Stop makes Run return after the callback that it runs. It may be called in one.
func (l *Loop) Stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopped = true
	l.wake.Signal()
}

// Close ends the loop for good. What is queued or waits for a timer is never run.
func (l *Loop) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running {
		return ErrRunning
	}
	l.closed = true
	l.rec.Close()
	return nil
}
