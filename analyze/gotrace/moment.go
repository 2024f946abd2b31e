package gotrace

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// maxListed bounds how many live goroutines all closes that were seen can list together.
const maxListed = 4 << 20

// moments is what was listed so far.
type moments struct {
	listed  int
	skipped int // closes that were not told of
}

// startMoments sets the moments that are asked for, once the time of the first event is known.
func (c *converter) startMoments() {
	c.at = slices.Clone(c.At)
	slices.Sort(c.at)
	if c.origin == 0 {
		c.origin = c.from
	}
	for i := range c.at {
		c.at[i] += c.origin
	}
}

// reach lists what was live at the moments that lie between the last event and the next one, at next.
func (c *converter) reach(next int64) {
	for len(c.at) > 0 && c.at[0] < next {
		c.now = max(c.at[0], c.now)
		c.at = c.at[1:]
		c.emit(tracefile.Event{Kind: tracefile.SnapshotBegun, Attrs: tracefile.Attrs{{Key: "why", Value: "at"}}})
		c.listLive(nil, 0)
		c.listUserTasks(0)
	}
}

// closes takes in that a goroutine is seen in functions that close something.
func (c *converter) closes(g *goroutine, begun uint64, stack tracefile.StackID) {
	for ; begun != 0; begun &= begun - 1 {
		if c.moments.listed += c.gs.count; c.moments.listed > maxListed {
			c.moments.skipped++
			continue
		}
		function := c.stacks.close.found[bits.TrailingZeros64(begun)]
		e := tracefile.Event{
			Kind: tracefile.CloseBegun, Task: g.task, Loop: loopGoroutines, Stack: stack,
			Attrs: tracefile.Attrs{{Key: "function", Value: function}},
		}
		if g.open {
			e.Thread = g.thread
		}
		c.emit(e)
		c.listLive(g, stack)
		c.emit(tracefile.Event{Kind: tracefile.CloseEnded, Loop: loopGoroutines, Attrs: tracefile.Attrs{{Key: "outcome", Value: "seen"}}})
	}
}

// listLive lists the goroutines that are live now, by their ids; one is known to be at a stack.
func (c *converter) listLive(known *goroutine, stack tracefile.StackID) {
	c.gs.each(func(g *goroutine) {
		chain := g.chain(c.stacks)
		if g == known && g.open {
			chain = c.stacks.chainOf(stack, "running", "")
		}
		c.emit(tracefile.Event{Kind: tracefile.LiveTask, Task: g.task, Loop: loopGoroutines, Chain: chain, Attrs: g.attrs()})
	})
}

// attrs say since when a goroutine is suspended.
func (g *goroutine) attrs() tracefile.Attrs {
	if g.open {
		return nil
	}
	a := tracefile.Attrs{{Key: "since", Value: id(g.since)}}
	if g.least {
		a = append(a, tracefile.Attr{Key: "since_least", Value: "1"})
	}
	return a
}

// notes say which moments were not found in the trace. At its end.
func (c *converter) momentNotes() []string {
	var out []string
	for _, at := range c.at {
		out = append(out, fmt.Sprintf("the moment %.6f s is after the end of the trace, which has %.6f s", seconds(at-c.origin), seconds(c.now-c.origin)))
	}
	if c.moments.skipped > 0 {
		out = append(out, fmt.Sprintf("%d closes were seen that are not listed, because too many goroutines were live at all of them together", c.moments.skipped))
	}
	if c.stacks.close.more {
		out = append(out, fmt.Sprintf("more than %d functions match those that close something: the others were not looked for", maxClosing))
	}
	if !c.attached {
		out = append(out, unseen(c.CloseFuncs, c.stacks.close.hit)...)
	}
	return out
}

func seconds(ns int64) float64 { return float64(ns) / 1e9 }
