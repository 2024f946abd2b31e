package gotrace

import (
	"strings"
	"testing"

	"golang.org/x/exp/trace"
)

// A note counts the goroutines of which the trace never says where they are: not one that is older than the trace and that
// was seen to do something later.
func TestNotPlaced(t *testing.T) {
	c := newConverter(settings{})
	for id := trace.GoID(5); id <= 7; id++ {
		c.older(older{id: id, state: trace.GoWaiting})
	}
	for _, want := range []string{"3 goroutines that are older than the trace wait", "2 goroutines that are older", "1 goroutine that is older than the trace waits"} {
		if notes := strings.Join(c.notes(), "\n"); !strings.Contains(notes, want) {
			t.Errorf("%q, not %q", notes, want)
		}
		g := c.gs.get(trace.GoID(4 + c.unplaced))
		c.place(g)
		c.place(g) // it does something else
	}
	if notes := c.notes(); len(notes) != 0 {
		t.Errorf("all are placed, and yet: %q", notes)
	}
}
