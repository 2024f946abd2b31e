package term

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
	"github.com/looptrace/looptrace/report/tasklist"
)

// waitsBuilder turns the wait-for graph into nodes: a task stands under what it waits for.
type waitsBuilder struct {
	p     *printer
	run   *analyze.Run
	last  map[*analyze.Task]*analyze.Live
	tasks []*analyze.Task // that were live, by id

	inObject  map[*analyze.Primitive][]*analyze.Task
	holding   map[*analyze.Task][]*analyze.Primitive
	awaiting  map[*analyze.Task][]*analyze.Task // who awaits a task
	circular  map[*analyze.Task]bool
	drawn     map[*analyze.Task]bool
	drawnThis map[*analyze.Task]bool // on the way from the root
}

// waitsTree writes the wait-for graph of the last moment that is known of each task.
func (p *printer) waitsTree(run *analyze.Run) {
	b := &waitsBuilder{
		p: p, run: run, last: tasklist.LastLive(run),
		inObject: map[*analyze.Primitive][]*analyze.Task{}, holding: map[*analyze.Task][]*analyze.Primitive{},
		awaiting: map[*analyze.Task][]*analyze.Task{}, circular: map[*analyze.Task]bool{},
		drawn: map[*analyze.Task]bool{}, drawnThis: map[*analyze.Task]bool{},
	}
	b.graph()
	for _, process := range run.Processes {
		p.About(run, process)
		roots := b.roots(process)
		if len(roots) > 0 || len(run.Processes) == 1 {
			p.item(0, "process "+p.Process(process))
			p.branches(roots, "")
		}
	}
	if len(b.tasks) == 0 {
		p.linef("no task was live when a loop was closed or a process ended")
	}
}

func (b *waitsBuilder) graph() {
	for t := range b.last {
		b.tasks = append(b.tasks, t)
	}
	slices.SortFunc(b.tasks, func(x, y *analyze.Task) int { return cmp.Compare(x.ID, y.ID) })
	for _, t := range b.tasks {
		w := b.last[t].Wait
		if w == nil {
			continue
		}
		if w.Object != nil && w.Kind != "taskgroup" {
			if len(b.inObject[w.Object]) == 0 && w.Held {
				for _, holder := range w.Targets {
					b.holding[holder] = append(b.holding[holder], w.Object)
				}
			}
			b.inObject[w.Object] = append(b.inObject[w.Object], t)
			continue
		}
		for _, on := range w.Targets {
			b.awaiting[on] = append(b.awaiting[on], t)
		}
	}
	for _, process := range b.run.Processes {
		for _, d := range process.Deadlocks {
			for _, w := range d.Links {
				b.circular[w.Task] = d.EndNS == 0 || b.last[w.Task] != nil && b.last[w.Task].Wait != nil
			}
		}
	}
}

// roots returns what waits for nothing that is in the graph, and one task of each circle.
func (b *waitsBuilder) roots(process *analyze.Process) []*node {
	var out []*node
	for _, t := range b.tasks {
		w := b.last[t].Wait
		if t.Process != process || w != nil && (len(w.Targets) > 0 || w.Object != nil) {
			continue
		}
		out = append(out, b.task(t))
	}
	met := map[*analyze.Primitive]bool{}
	for _, t := range b.tasks {
		if w := b.last[t].Wait; t.Process == process && w != nil && w.Object != nil && !met[w.Object] && (len(w.Targets) == 0) {
			met[w.Object] = true
			out = append(out, b.object(w.Object))
		}
	}
	for _, circular := range []bool{true, false} { // what is left hangs on a circle, or on tasks that nothing is known of
		for _, t := range b.tasks {
			if t.Process == process && !b.drawn[t] && b.circular[t] == circular {
				out = append(out, b.task(t))
			}
		}
	}
	return out
}

func (b *waitsBuilder) task(t *analyze.Task) *node {
	p := b.p
	text := fmt.Sprintf("#%d %s", t.ID, p.Task(t))
	if t.Name == "" {
		text = p.Task(t)
	}
	if b.drawnThis[t] {
		return &node{text: text + "  again: a circle"}
	}
	if b.circular[t] {
		text += "  in a circle"
	}
	if b.drawn[t] {
		return &node{text: text + "  see above"}
	}
	b.drawn[t], b.drawnThis[t] = true, true
	defer delete(b.drawnThis, t)
	if l := b.last[t]; l != nil {
		text += "  " + b.state(l)
	} else {
		text += "  " + wording.OutcomeWord(t)
	}
	n := &node{text: text}
	for _, o := range b.holding[t] {
		n.children = append(n.children, b.object(o))
	}
	for _, waiting := range b.awaiting[t] {
		n.children = append(n.children, b.task(waiting))
	}
	return n
}

// state says where a task waits; what for stands above it.
func (b *waitsBuilder) state(l *analyze.Live) string {
	if l.Wait == nil {
		return wording.StateWord(l) + b.p.WaitText(l, wording.Moment{})
	}
	text := "waits"
	if l.Wait.Object == nil && l.Wait.Kind != "task" {
		text = "waits in " + b.p.Name(l.Wait.Kind) + "()"
	} else if l.Wait.Kind == "taskgroup" {
		text = "waits in a TaskGroup"
	}
	text += " since " + wording.Instant(l.Wait.SinceNS)
	if l.At != nil {
		text += " at " + b.p.WithSource(l.At)
	}
	return text
}

func (b *waitsBuilder) object(o *analyze.Primitive) *node {
	waiting := b.inObject[o]
	w := *b.last[waiting[0]].Wait
	about := strings.TrimSuffix(b.p.Object(o), ",")
	switch {
	case w.Held && len(w.Targets) > 0:
		about += ", held by " + b.p.Targets(&w)
	case w.HolderEnded:
		about += ", taken by a task that has ended"
	case w.Kind == "queue" && w.Size >= 0:
		about += fmt.Sprintf(", %s in it", wording.Count(w.Size, "item"))
	case w.Kind == "barrier":
		about += fmt.Sprintf(", %d of %d have arrived", w.Arrived, w.Parties)
	}
	n := &node{text: about}
	for _, t := range waiting {
		n.children = append(n.children, b.task(t))
	}
	return n
}
