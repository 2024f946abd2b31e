package recorder_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/looptrace/looptrace/recorder"
)

// fakeTB is a test whose end is told by run.
type fakeTB struct {
	cleanups []func()
	failed   []string
}

func (f *fakeTB) Helper()          {}
func (f *fakeTB) Cleanup(c func()) { f.cleanups = append(f.cleanups, c) }
func (f *fakeTB) Errorf(format string, args ...any) {
	f.failed = append(f.failed, fmt.Sprintf(format, args...))
}

func (f *fakeTB) run() string {
	for _, c := range f.cleanups {
		c()
	}
	return strings.Join(f.failed, "\n")
}

func TestVerify(t *testing.T) {
	t.Parallel()
	r := recorder.New()
	mine, other := r.Loop("mine"), r.Loop("other")
	_, _ = other.Task(context.Background(), "of another test")
	tb := &fakeTB{}
	recorder.Verify(tb, mine)
	_, left := mine.Task(context.Background(), "left")
	left.Start()
	left.Wait("reply")
	got := tb.run()
	for _, want := range []string{`a task of loop "mine" is live`, `"left" is suspended (reply)`, "made at", "waits at", "verify_test.go:", "recorder_test.TestVerify"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if strings.Contains(got, "another") {
		t.Errorf("the task of another loop is told of:\n%s", got)
	}
}

// A task that is about to end is waited for.
func TestVerifyWaitsALittle(t *testing.T) {
	t.Parallel()
	l := recorder.New().Loop("loop")
	tb := &fakeTB{}
	recorder.Verify(tb, l)
	l.Go(context.Background(), "ending", func(context.Context) { time.Sleep(20 * time.Millisecond) })
	if got := tb.run(); got != "" {
		t.Error(got)
	}
}

// The lines of the program are shown, not those of the standard library around them; and since when a goroutine is blocked is
// not claimed.
func TestVerifyText(t *testing.T) {
	t.Parallel()
	l := recorder.New().Loop("pool")
	tb := &fakeTB{}
	recorder.Verify(tb, l)
	var mu sync.Mutex
	mu.Lock()
	defer mu.Unlock()
	l.Go(context.Background(), "worker", func(context.Context) { onMutex(&mu) })
	want := regexp.MustCompile(`^a task of loop "pool" is live
  "worker" is suspended \(mutex\); it began to run \d.*s ago
    made at \S*/verify_test.go:\d+ recorder_test.TestVerifyText
    waits at \S*/several_test.go:\d+ recorder_test.onMutex
      from \S*/verify_test.go:\d+ recorder_test.TestVerifyText.func1$`)
	if got := tb.run(); !want.MatchString(got) {
		t.Errorf("Verify said\n%s", got)
	}
}
