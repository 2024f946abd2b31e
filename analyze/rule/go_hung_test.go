package rule

import (
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// TestHungTestsAreAdvised pins whose wait the fix of a hung test is about: a test that waits for its goroutines is not at fault
// where these wait for a lock.
func TestHungTestsAreAdvised(t *testing.T) {
	live := func(on, text string, since int64) *analyze.Live {
		l := &analyze.Live{Task: &analyze.Task{}, State: "suspended", SinceNS: since, At: &analyze.Frame{Text: text, User: true}}
		l.On.Kind = on
		return l
	}
	lock, ticks := live("mutex", "mu.Lock()", 5), live("chan-receive", "for range ticker.C {", 9)
	for _, c := range []struct {
		name   string
		test   *analyze.Live
		others []*analyze.Live
		want   string
	}{
		{"its goroutine waits for a lock", live("waitgroup", "wg.Wait()", 7), []*analyze.Live{ticks, lock}, "lock nothing twice"},
		{"its goroutines wait, the last one to send", live("chan-receive", "<-done", 7), []*analyze.Live{lock, live("chan-send", "ch <- v", 6)}, "nobody receives"},
		{"its goroutine listens to a ticker", live("waitgroup", "wg.Wait()", 7), []*analyze.Live{ticks}, "every Add"},
		{"it waits for a lock itself", live("rwmutex", "mu.RLock()", 7), []*analyze.Live{lock}, "behind a writer"},
		{"alone", live("cond", "cond.Wait()", 7), nil, "wake all waiters"},
	} {
		if f := goFix(holder(c.test, c.others)); !strings.Contains(f.Summary, c.want) {
			t.Errorf("%s: %q", c.name, f.Summary)
		}
	}
}
