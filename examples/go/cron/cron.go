// Package cron is github.com/robfig/cron with names: a recording tells which runs were still at work after Stop, whose
// context only says that there are some.
package cron

import (
	"context"
	"sync"

	"github.com/looptrace/looptrace/recorder"
	"github.com/robfig/cron/v3"
)

// Cron is a cron.Cron that tells of its work.
type Cron struct {
	cron *cron.Cron
	rec  *recorder.Loop // nil: nothing is recorded

	mu      sync.Mutex
	entries []*recorder.Task
}

// New returns a cron that tells rec, which may be nil, of its entries and their runs.
func New(rec *recorder.Loop, opts ...cron.Option) *Cron {
	return &Cron{cron: cron.New(opts...), rec: rec}
}

// Add lets job run on a schedule. The entry is a task, and each run is a child of it.
func (c *Cron) Add(name string, schedule cron.Schedule, job func(context.Context)) cron.EntryID {
	ctx, entry := c.rec.Task(context.Background(), "entry "+name)
	entry.Wait("schedule")
	c.mu.Lock()
	c.entries = append(c.entries, entry)
	c.mu.Unlock()
	return c.cron.Schedule(schedule, cron.FuncJob(func() { c.rec.Do(ctx, name, job) }))
}

// Start is that of cron.Cron.
func (c *Cron) Start() {
	c.rec.Run()
	c.cron.Start()
}

// Stop begins no further runs, and waits for those at work until ctx ends.
func (c *Cron) Stop(ctx context.Context) error {
	done := c.cron.Stop().Done()
	c.rec.Stop()
	c.mu.Lock()
	for _, entry := range c.entries {
		entry.Done(nil)
	}
	c.mu.Unlock()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	c.rec.Close()
	return err
}
