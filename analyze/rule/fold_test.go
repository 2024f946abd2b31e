package rule

import (
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

func TestConsequencesAreTold(t *testing.T) {
	w := newWorld(12)
	lp := w.loop()
	w.refuses(lp, w.task(lp, "main", "main"))
	found := Check(w.run, "").Findings
	if len(found) != 1 {
		t.Fatalf("got %q", tell(found))
	}
	if all := strings.Join(found[0].Follows, "\n"); !strings.Contains(all, "loop-never-closed") {
		t.Errorf("the root does not tell what follows from it: %q", all)
	}
}

// TestWeakerNeverHidesStronger guards against a note swallowing a warning.
func TestWeakerNeverHidesStronger(t *testing.T) {
	w := newWorld(12)
	lp := w.loop()
	lp.Stack = append(stack(lib("asyncio/events.py", "get_event_loop")), lp.Stack...)
	w.ran(lp, "")
	w.p.Exit.Live = []*analyze.Live{live(w.task(lp, "poller", "poll"))}
	found := Check(w.run, "").Findings
	if len(found) != 1 || found[0].Rule != "live-at-exit" || len(found[0].Follows) == 0 {
		t.Errorf("got %+v", found)
	}
}

func TestRepeatsAreOneFinding(t *testing.T) {
	w := newWorld(12)
	for range 3 {
		left("", nil)(w)
	}
	left("", func(_ *world, c *analyze.Close, l *analyze.Live) { l.Task.Site.Coro = "another" })(w)
	found := Check(w.run, "").Findings
	if len(found) != 2 {
		t.Fatalf("got %q", tell(found))
	}
	if all := strings.Join(found[0].Follows, "\n"); !strings.Contains(all, "2 more times") {
		t.Errorf("the repeats are not told: %q", all)
	}
}

func TestTheEarliestErrorComesFirst(t *testing.T) {
	w := newWorld(12)
	w.ran(w.loop(), "") // a warning, although it came first
	left("", nil)(w)
	lp := w.loop()
	w.refuses(lp, w.task(lp, "main", "main"))
	got := strings.Join(tell(Check(w.run, "").Findings), " ")
	a, b, c := strings.Index(got, "pending-at-close"), strings.Index(got, "close-running-loop"), strings.Index(got, "loop-never-closed")
	if a < 0 || b < a || c < b {
		t.Errorf("got %s", got)
	}
}
