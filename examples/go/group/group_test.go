package group_test

import (
	"context"
	"errors"
	"testing"

	"github.com/looptrace/looptrace/examples/go/group"
	"github.com/looptrace/looptrace/recorder"
)

// A group behaves as errgroup's, with a recorder and without, and leaves nothing behind.
func TestGroup(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	for name, rec := range map[string]*recorder.Loop{"no recorder": nil, "recorder": recorder.New().Loop("")} {
		recorder.Verify(t, rec)
		g, ctx := group.WithContext(context.Background(), rec)
		g.Go("waits", func() error { <-ctx.Done(); return ctx.Err() })
		g.Go("fails", func() error { return failed })
		if err := g.Wait(); err != failed || ctx.Err() == nil {
			t.Errorf("%s: %v, and the context says %v", name, err, ctx.Err())
		}
		if live := g.Close(); len(live) > 0 {
			t.Errorf("%s: live: %+v", name, live)
		}
	}
}

// Close names what nobody waits for any more.
func TestClose(t *testing.T) {
	t.Parallel()
	g, _ := group.WithContext(context.Background(), recorder.New().Loop(""))
	end := make(chan struct{})
	g.Go("stays", func() error { <-end; return nil })
	live := g.Close()
	if len(live) != 1 || live[0].Name != "stays" {
		t.Errorf("live: %+v", live)
	}
	close(end)
	_ = g.Wait()
}
