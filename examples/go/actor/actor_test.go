package actor_test

import (
	"context"
	"errors"
	"testing"

	"github.com/looptrace/looptrace/examples/go/actor"
	"github.com/looptrace/looptrace/recorder"
)

// An actor asks another one and hands on what it says.
func TestAsk(t *testing.T) {
	t.Parallel()
	for _, rec := range []*recorder.Loop{nil, recorder.New().Loop("")} {
		recorder.Verify(t, rec)
		ctx, system := context.Background(), actor.NewSystem(rec)
		a, b := system.Spawn("a"), system.Spawn("b")
		n, err := a.Ask(ctx, "outer", func(ctx context.Context) int {
			n, _ := b.Ask(ctx, "inner", func(context.Context) int { return 20 })
			return n + 1
		})
		if n != 21 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if err := system.Stop(ctx); err != nil {
			t.Error(err)
		}
	}
}

// An actor that asks itself waits for a reply that cannot come; the message is live, and so is the one that it handles.
func TestAsksItself(t *testing.T) {
	t.Parallel()
	rec := recorder.New().Loop("")
	system := actor.NewSystem(rec)
	a := system.Spawn("a")
	ctx, cancel := context.WithCancel(context.Background())
	asked := make(chan error, 1)
	if _, err := a.Ask(ctx, "outer", func(ctx context.Context) int {
		cancel()
		_, err := a.Ask(ctx, "inner", func(context.Context) int { return 1 })
		asked <- err
		return 0
	}); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := <-asked; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	_ = system.Stop(context.Background())
}
