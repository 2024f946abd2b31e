package recorder

import (
	"context"
	"runtime"
	"testing"
	"time"
)

// Do runs a function at once, on this goroutine, and as a task whose goroutine is found when the loop is closed.
func TestDo(t *testing.T) {
	t.Parallel()
	ran := false
	(*Loop)(nil).Do(context.Background(), "f", func(context.Context) { ran = true })
	if !ran {
		t.Error("a nil Loop does not run the function")
	}
	l := New().Loop("")
	ctx, outer := l.Task(context.Background(), "outer")
	block := make(chan int)
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Do(ctx, "f", func(ctx context.Context) {
			if from(ctx) == nil || from(ctx).name != "f" || from(ctx).parent != outer.ID() {
				t.Error("the function does not get the context of the task")
			}
			block <- 1
			block <- 2
		})
	}()
	<-block
	waitFor(t, func() bool {
		live := l.Live()
		return len(live) == 2 && live[1].Name == "f" && live[1].State == "suspended" && live[1].Reason == "chan-send"
	})
	<-block
	<-done
	if live := l.Live(); len(live) != 1 || live[0].Name != "outer" {
		t.Errorf("live: %+v", live)
	}
}

func waitFor(t *testing.T, happened func() bool) {
	t.Helper()
	for range 1000 {
		if happened() {
			return
		}
		runtime.Gosched()
		time.Sleep(time.Millisecond)
	}
	t.Error("it does not happen")
}
