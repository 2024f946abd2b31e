package eventloop_test

import (
	"context"
	"testing"
	"time"

	"github.com/looptrace/looptrace/examples/go/eventloop"
	"github.com/looptrace/looptrace/recorder"
)

// A test of a library with such a loop needs one line more: Verify lets it fail if callbacks are left.
func TestLoop(t *testing.T) {
	t.Parallel()
	rec := recorder.New().Loop(t.Name())
	recorder.Verify(t, rec)

	loop, ctx := eventloop.New(rec), context.Background()
	ran := false
	reminder := loop.After(ctx, time.Hour, "remind", func(context.Context) {})
	if err := loop.Call(ctx, "first", func(ctx context.Context) {
		loop.After(ctx, time.Millisecond, "second", func(context.Context) { ran = true; loop.Stop() })
	}); err != nil {
		t.Error(err)
	}
	loop.Run()
	if !ran || !reminder.Stop() {
		t.Errorf("ran %v, and the reminder cannot be stopped", ran)
	}
	if err := loop.Close(); err != nil {
		t.Error(err)
	}
}

// Close says no while the loop runs, and calls say no afterwards. Without a recorder all is as with one.
func TestClose(t *testing.T) {
	t.Parallel()
	for name, rec := range map[string]*recorder.Loop{"no recorder": nil, "recorder": recorder.New().Loop("")} {
		loop, ctx := eventloop.New(rec), context.Background()
		var early error
		_ = loop.Call(ctx, "close", func(context.Context) { early = loop.Close(); loop.Stop() })
		loop.Run()
		if err := loop.Close(); err != nil || early != eventloop.ErrRunning {
			t.Errorf("%s: closed while it ran: %v, and then: %v", name, early, err)
		}
		if err := loop.Call(ctx, "late", func(context.Context) {}); err != eventloop.ErrClosed {
			t.Errorf("%s: a late call: %v", name, err)
		}
	}
}

// What is left when a loop is closed is what Live returns.
func TestLive(t *testing.T) {
	t.Parallel()
	rec := recorder.New().Loop("")
	loop := eventloop.New(rec)
	loop.After(context.Background(), time.Hour, "remind", func(context.Context) {})
	if err := loop.Close(); err != nil {
		t.Error(err)
	}
	live := rec.Live()
	if len(live) != 1 || live[0].Name != "remind" || live[0].State != "suspended" || live[0].Reason != "timer" {
		t.Errorf("live: %+v", live)
	}
}
