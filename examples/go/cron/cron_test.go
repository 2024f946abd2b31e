package cron_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/looptrace/looptrace/examples/go/cron"
	"github.com/looptrace/looptrace/recorder"
)

// every is a schedule in parts of a second.
type every time.Duration

// Next returns the time after t.
func (d every) Next(t time.Time) time.Time { return t.Add(time.Duration(d)) }

// Stop waits for the runs at work, and begins no more.
func TestStop(t *testing.T) {
	t.Parallel()
	for _, rec := range []*recorder.Loop{nil, recorder.New().Loop("")} {
		recorder.Verify(t, rec)
		var once sync.Once
		begun := make(chan struct{})
		c := cron.New(rec)
		c.Add("count", every(time.Millisecond), func(context.Context) { <-begun })
		c.Add("once", every(2*time.Millisecond), func(context.Context) { once.Do(func() { close(begun) }) })
		c.Start()
		<-begun
		if err := c.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

// Stop gives up when its context ends, and says which runs it leaves behind.
func TestGivesUp(t *testing.T) {
	t.Parallel()
	rec := recorder.New().Loop("")
	begun, end := make(chan struct{}, 1000), make(chan struct{})
	c := cron.New(rec)
	c.Add("stays", every(50*time.Millisecond), func(context.Context) { begun <- struct{}{}; <-end })
	c.Start()
	<-begun
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := c.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	for _, task := range rec.Live() {
		if task.Name != "stays" || task.State == "not-started" {
			t.Errorf("live: %+v", task)
		}
	}
	if len(rec.Live()) == 0 {
		t.Error("nothing is live")
	}
	close(end)
}
