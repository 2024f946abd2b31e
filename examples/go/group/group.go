// Package group is golang.org/x/sync/errgroup with names: a recording tells which functions of a group were still at work
// when somebody gave up on it.
package group

import (
	"context"

	"github.com/looptrace/looptrace/recorder"
	"golang.org/x/sync/errgroup"
)

// Group is an errgroup.Group whose functions are tasks of a loop.
type Group struct {
	group *errgroup.Group
	ctx   context.Context // carries the task that made the group
	rec   *recorder.Loop  // nil: nothing is recorded
}

// WithContext is errgroup.WithContext. It tells rec, which may be nil, of the functions of the group.
func WithContext(ctx context.Context, rec *recorder.Loop) (*Group, context.Context) {
	rec.Run()
	g, ctx := errgroup.WithContext(ctx)
	return &Group{g, ctx, rec}, ctx
}

// Go calls f on a goroutine. The name is what a recording calls it.
func (g *Group) Go(name string, f func() error) {
	g.group.Go(g.rec.FuncErr(g.ctx, name, f))
}

// Wait waits for all functions and returns the first error.
func (g *Group) Wait() error {
	err := g.group.Wait()
	g.rec.Stop()
	return err
}

// Close says that nobody waits for the group any more. It returns what is still at work, which is nothing after Wait.
func (g *Group) Close() []recorder.TaskInfo { return g.rec.Close() }
