package html

import (
	"fmt"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder/tracefile"
	"pgregory.net/rapid"
)

// crowd is a run whose loop was closed under n tasks that wait alike.
func crowd(n int) *analyze.Result {
	process := &analyze.Process{ID: 1, PID: 7, Main: true}
	at := &analyze.Frame{File: "/app.py", Line: 3, Function: "work", Text: "await queue.get()", User: true}
	loop := &analyze.Loop{ID: 1, Process: process}
	c := &analyze.Close{Loop: loop, Process: process, TimeNS: 90, Outcome: "closed"}
	run := &analyze.Run{
		Info: tracefile.RunInfo{DurationNS: 100, Ended: true}, Processes: []*analyze.Process{process}, Loops: []*analyze.Loop{loop},
		Closes: []*analyze.Close{c}, Timeline: &analyze.Timeline{},
	}
	site := &analyze.Site{Coro: "work", At: at}
	for i := range n {
		t := &analyze.Task{ID: i + 1, Name: fmt.Sprint("w", i), Process: process, Loop: loop, Site: site, SpawnedNS: int64(i + 1), Outcome: "pending"}
		run.Tasks = append(run.Tasks, t)
		c.Live = append(c.Live, &analyze.Live{Task: t, State: "suspended", At: at, On: analyze.On{Kind: "queue"}})
	}
	return &analyze.Result{Run: run, Findings: []analyze.Finding{{Rule: "pending-at-close", Severity: analyze.Error, Process: process, Close: c, Tasks: run.Tasks}}}
}

// A page of four times as many tasks takes about four times as much work.
func TestWorkGrowsWithTasks(t *testing.T) {
	work := func(n int) float64 {
		res := crowd(n)
		return testing.AllocsPerRun(1, func() { rendered(t, res) })
	}
	if few, many := work(500), work(8000); many > 24*few {
		t.Errorf("%.0f allocations for 500 tasks, %.0f for 8000", few, many)
	}
}

// Tasks that wait alike are one box, and of those in the tree the first few are drawn; the others are told.
func TestCrowdIsFolded(t *testing.T) {
	page := rendered(t, crowd(1000))
	for _, want := range []string{">1000 tasks</tspan>", ">and 997 more, pending</tspan>", "997 tasks of 1000 not drawn"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// One task more than are drawn of a kind is drawn, too; a line that says so would take as much room.
func TestOneMoreIsDrawn(t *testing.T) {
	if page := rendered(t, crowd(alikeShown+1)); strings.Contains(page, "more, pending") || strings.Contains(page, "not drawn") {
		t.Error("one task is left out")
	}
}

// Tasks that each wait for an event of their own, made at one place, are one box, and so are the events. One that others wait
// for as well is told apart.
func TestEventsOfTheirOwn(t *testing.T) {
	res := crowd(300)
	shared := &analyze.Primitive{ID: 1000, Kind: "event", At: res.Run.Tasks[0].Site.At}
	for i, l := range res.Run.Closes[0].Live {
		event := &analyze.Primitive{ID: i + 1, Kind: "event", At: res.Run.Tasks[0].Site.At}
		if i < 2 {
			event = shared
		}
		l.On.Kind, l.Wait = "event", &analyze.Wait{Task: l.Task, Kind: "event", Object: event, At: l.At}
	}
	page := rendered(t, res)
	for _, want := range []string{">298 tasks</tspan>", ">an event each</tspan>", ">2 tasks</tspan>", ">event 1000</tspan>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// However tasks wait for each other, boxes do not overlap, arrows go to the right or are marked as going back, and the
// picture holds all of it.
func TestLayout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &graph{}
		n := rapid.IntRange(1, 40).Draw(t, "boxes")
		for i := range n {
			v := g.vertex()
			v.rows = [][]piece{{{Text: strings.Repeat("x", i%7+1)}}}
		}
		for range rapid.IntRange(0, 60).Draw(t, "arrows") {
			from, to := rapid.IntRange(0, n-1).Draw(t, "from"), rapid.IntRange(0, n-1).Draw(t, "to")
			g.edge(g.vertices[from], g.vertices[to], "awaits", false)
		}
		p := g.draw()
		for i, a := range g.vertices {
			if a.x < 0 || a.y < 0 || a.x+a.w > p.Width || a.y+a.h > p.Height {
				t.Fatalf("box %d is outside", i)
			}
			for _, b := range g.vertices[:i] {
				if a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h && b.y < a.y+a.h {
					t.Fatalf("box %d lies over box %d", i, b.number)
				}
			}
		}
		for _, e := range g.edges {
			if !e.back && e.from.x+e.from.w >= e.to.x {
				t.Fatalf("the arrow from %d to %d does not go to the right", e.from.number, e.to.number)
			}
		}
	})
}

// A deadlock is drawn as a circle of tasks and locks.
func TestDeadlockIsMarked(t *testing.T) {
	p := (&builder{res: judged(t, traceText(t, "deadlock"))}).pictures(t)
	circle, arrows := 0, 0
	for _, n := range p.Nodes {
		if strings.Contains(n.Class, "circle") {
			circle++
		}
	}
	for _, l := range p.Lines {
		if strings.Contains(l.Class, "circle") {
			arrows++
		}
	}
	if circle < 4 || arrows < circle {
		t.Errorf("%d boxes and %d arrows are in a circle", circle, arrows)
	}
}

func (b *builder) pictures(t *testing.T) *picture {
	t.Helper()
	b.run = b.res.Run
	p := b.waitsPicture()
	if p == nil {
		t.Fatal("no picture")
	}
	return p
}
