package recorder_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/looptrace/looptrace/recorder"
)

//go:noinline
func onMutex(mu *sync.Mutex) { mu.Lock(); defer mu.Unlock() }

//go:noinline
func onChannel(c chan bool) { <-c }

// Tests that run in parallel have a Recorder each, whose tasks are all counted from 1.
func TestTasksOfSeveralRecorders(t *testing.T) {
	var mu sync.Mutex
	c := make(chan bool)
	mu.Lock()
	defer mu.Unlock()
	defer close(c)
	a, b := recorder.New().Loop("a"), recorder.New().Loop("b")
	for range 3 {
		a.Go(context.Background(), "task", func(context.Context) { onMutex(&mu) })
		b.Go(context.Background(), "task", func(context.Context) { onChannel(c) })
	}
	for range 20 {
		if waits(a, "mutex") && waits(b, "chan-receive") {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	for l, want := range map[*recorder.Loop]string{a: "recorder_test.onMutex mutex", b: "recorder_test.onChannel chan-receive"} {
		for _, task := range l.Live() {
			got := task.State
			if len(task.Waiting) > 0 {
				got = task.Waiting[0].String() + " " + task.Reason
				for _, f := range task.Waiting { // the first of the program
					if f.String() == strings.Fields(want)[0] {
						got = f.String() + " " + task.Reason
					}
				}
			}
			if got != want {
				t.Errorf("task %d: %s, want %s", task.ID, got, want)
			}
		}
	}
}

func waits(l *recorder.Loop, reason string) bool {
	for _, task := range l.Live() {
		if task.Reason != reason {
			return false
		}
	}
	return true
}

// A task of another Recorder that closes a loop is none of its own.
func TestCloseFromTaskOfAnotherRecorder(t *testing.T) {
	r, dir := open(t)
	l := r.Loop("loop")
	stop, done := make(chan bool), make(chan bool)
	l.Go(context.Background(), "waits", func(context.Context) { <-stop })
	recorder.New().Loop("other").Go(context.Background(), "closes", func(context.Context) {
		defer close(done)
		l.Close()
	})
	<-done
	if closes := events(t, dir, "close_begun"); len(closes) != 1 || strings.Contains(closes[0], "task=") {
		t.Errorf("the close is %v, want none by a task", closes)
	}
	close(stop)
}

// What tests leave that run in parallel is told of each.
func TestVerifyOfManyInParallel(t *testing.T) {
	for i := range 20 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			stop := make(chan bool)
			l := recorder.New().Loop("loop")
			fake := &fakeTB{}
			recorder.Verify(fake, l)
			for j := range 5 {
				l.Go(context.Background(), fmt.Sprintf("task %d.%d", i, j), func(context.Context) {
					if j == 2 {
						onChannel(stop)
					}
				})
			}
			got := fake.run()
			close(stop)
			if strings.Count(got, "\n  \"") != 1 || !strings.Contains(got, fmt.Sprintf("\"task %d.2\" is suspended (chan-receive)", i)) ||
				!strings.Contains(got, "recorder_test.onChannel") {
				t.Errorf("Verify said\n%s", got)
			}
		})
	}
}
