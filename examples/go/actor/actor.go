// Package actor is a small actor system: each actor has a mailbox and a goroutine, and handles one message at a time. A
// recording tells which messages nobody has handled, who sent them, and which actor waits for the reply of which.
package actor

import (
	"context"
	"sync"

	"github.com/looptrace/looptrace/recorder"
)

// System is the actors that are stopped together.
type System struct {
	rec     *recorder.Loop // nil: nothing is recorded
	stop    chan struct{}
	running sync.WaitGroup
}

// NewSystem returns a system that tells rec, which may be nil, of its messages.
func NewSystem(rec *recorder.Loop) *System {
	rec.Run()
	return &System{rec: rec, stop: make(chan struct{})}
}

// Actor handles messages.
type Actor struct {
	system  *System
	name    string
	mailbox chan message
}

// message is what an actor is asked to do.
type message struct {
	ctx    context.Context
	task   *recorder.Task
	handle func(context.Context) int
	reply  chan int
}

// taskKey is that of the task of the message that is handled.
type taskKey struct{}

// Spawn begins an actor.
func (s *System) Spawn(name string) *Actor {
	a := &Actor{system: s, name: name, mailbox: make(chan message, 16)}
	s.running.Go(a.run)
	return a
}

func (a *Actor) run() {
	for {
		select {
		case m := <-a.mailbox:
			m.task.Start()
			m.reply <- m.handle(m.ctx)
			m.task.Done(nil)
		case <-a.system.stop:
			return
		}
	}
}

// Ask sends a message, of a kind that has a name, and waits for the reply. An actor that asks handles nothing meanwhile.
func (a *Actor) Ask(ctx context.Context, name string, handle func(context.Context) int) (int, error) {
	asking, _ := ctx.Value(taskKey{}).(*recorder.Task)
	ctx, task := a.system.rec.Task(ctx, name)
	m := message{context.WithValue(ctx, taskKey{}, task), task, handle, make(chan int, 1)}
	asking.Wait("reply of " + a.name)
	defer asking.Start()
	a.mailbox <- m
	select {
	case n := <-m.reply:
		return n, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// Stop lets each actor end after the message that it handles, and waits for that until ctx ends.
func (s *System) Stop(ctx context.Context) error {
	close(s.stop)
	ended := make(chan struct{})
	go func() {
		s.running.Wait()
		close(ended)
	}()
	s.rec.Stop()
	var err error
	select {
	case <-ended:
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.rec.Close()
	return err
}
