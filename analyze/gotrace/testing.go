package gotrace

import (
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/recorder/tracefile"
	"golang.org/x/exp/trace"
)

// test is a test of go test.
type test struct {
	top  string // the name of the function: "TestA"
	name string
}

// tests are the tests of a process.
type tests struct {
	starts map[tracefile.TaskID]bool // goroutines that run a test whose name is not known yet
	named  map[string]int            // how often a name was used
}

// startsTest takes in the start function of a new goroutine. One that runs a test is told by it; its name is known when its
// stack is seen. What it was made by, it belongs to until then.
func (c *converter) startsTest(g *goroutine, start string) {
	if start != "testing.tRunner" && start != "testing.fRunner" {
		return
	}
	if c.tests.starts == nil {
		c.tests.starts, c.tests.named = map[tracefile.TaskID]bool{}, map[string]int{}
	}
	c.tests.starts[g.task] = true
}

func (t *tests) ended(g *goroutine) {
	if len(t.starts) > 0 {
		delete(t.starts, g.task)
	}
}

// guessTest names the test that a goroutine runs after the function that testing.tRunner called: the name of a test is that
// of its function, while those of subtests are not in a trace.
func (c *converter) guessTest(g *goroutine, ev *trace.Event, stack tracefile.StackID) {
	if !c.tests.starts[g.task] || ev != nil && ownMessage(ev, "test ") != "" {
		return
	}
	frames := c.stacks.frames(stack)
	if len(frames) < 2 || frames[len(frames)-1].Qualname != "testing.tRunner" && frames[len(frames)-1].Qualname != "testing.fRunner" {
		return
	}
	function := frames[len(frames)-2].Function
	if strings.HasPrefix(function, "testing.") || strings.HasPrefix(function, "runtime.") {
		return // before or after the test itself
	}
	_, function, _ = strings.Cut(function, ".")
	t := &test{top: function, name: function}
	if g.test != nil {
		part := strings.TrimPrefix(function, g.test.top+".")
		t = &test{top: g.test.top, name: g.test.top + " (" + part + ")"}
		c.tests.named[t.name]++
		if n := c.tests.named[t.name]; n > 1 {
			t.name = fmt.Sprintf("%s (%s #%d)", t.top, part, n)
		}
	}
	c.testBegun(g, t)
}

// testBegun says that a goroutine runs a test.
func (c *converter) testBegun(g *goroutine, t *test) {
	delete(c.tests.starts, g.task)
	g.test, g.runs = t, true
	c.emit(tracefile.Event{Kind: tracefile.TestBegun, Thread: g.thread, Task: g.task, Name: t.name, Attrs: tracefile.Attrs{{Key: "runner", Value: "go test"}}})
}

// namedTest takes in the name of the test that a goroutine runs, as somebody who knows it wrote it into the trace.
func (c *converter) namedTest(g *goroutine, name string) {
	if g.runs && g.test.name == name {
		return
	}
	top, _, _ := strings.Cut(name, "/")
	c.testBegun(g, &test{top: top, name: name})
}
