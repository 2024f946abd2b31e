package html

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
	"github.com/looptrace/looptrace/report/tasklist"
)

// waitsBuilder collects the wait-for graph of the last moment that is known of each task: tasks that wait alike are one node.
type waitsBuilder struct {
	*builder
	last    map[*analyze.Task]*analyze.Live
	waits   map[*analyze.Task]*analyze.Wait
	circle  map[*analyze.Task]bool
	named   map[*analyze.Task]bool // that others wait for: each is a node of its own
	waiters map[*analyze.Primitive]int
	g       *graph
	byKey   map[string]*vertex
	byTask  map[*analyze.Task]*vertex
	objects map[*analyze.Primitive]*vertex
}

// waitsPicture returns the picture of the wait-for graph; nil if nothing was live at a close, a shutdown or the end.
func (b *builder) waitsPicture() *picture {
	w := &waitsBuilder{
		builder: b, last: tasklist.LastLive(b.run), waits: map[*analyze.Task]*analyze.Wait{}, circle: map[*analyze.Task]bool{}, named: map[*analyze.Task]bool{}, waiters: map[*analyze.Primitive]int{},
		g: &graph{}, byKey: map[string]*vertex{}, byTask: map[*analyze.Task]*vertex{}, objects: map[*analyze.Primitive]*vertex{},
	}
	tasks := w.collect()
	if len(tasks) == 0 {
		return nil
	}
	drawn := 0
	for _, t := range tasks {
		if w.add(t) {
			drawn++
		}
	}
	for _, v := range w.g.vertices {
		if len(v.tasks) > 0 {
			w.describe(v)
		}
	}
	p := w.g.draw()
	p.Name, p.Title = "waits", "Wait-for graph"
	p.About = "What each task that was live at a close, a shutdown or the end was last seen waiting for. Arrows lead to what is waited for, and from a lock to the task that holds it."
	if len(w.circle) > 0 {
		p.About += " " + circles(b.run) + " marked: the tasks in it wait for each other, and none can ever go on by itself."
	}
	if n := len(tasks) - drawn; n > 0 {
		p.Told = wording.Count(n, wording.Noun(w.run)) + " not drawn; looptrace tree --waits TRACE shows them."
	}
	return p
}

func circles(run *analyze.Run) string {
	n := 0
	for _, p := range run.Processes {
		n += len(p.Deadlocks)
	}
	if n == 1 {
		return "A circle is"
	}
	return fmt.Sprintf("%d circles are", n)
}

// collect returns the tasks of the graph: those in circles first, then those that wait for something known.
func (w *waitsBuilder) collect() []*analyze.Task {
	for t, l := range w.last {
		if l.Wait != nil {
			w.waits[t] = l.Wait
		}
	}
	met := maps.Clone(w.last)
	for _, p := range w.run.Processes {
		for _, d := range p.Deadlocks {
			for _, link := range d.Links {
				w.circle[link.Task] = true
				if w.waits[link.Task] == nil {
					w.waits[link.Task] = link
				}
				met[link.Task] = w.last[link.Task]
			}
		}
	}
	for _, wait := range w.waits {
		if wait.Object != nil {
			w.waiters[wait.Object]++
		}
		for _, on := range wait.Targets {
			w.named[on] = true
		}
	}
	for _, l := range w.last {
		if l.On.Task != nil {
			w.named[l.On.Task] = true
		}
	}
	tasks := slices.Collect(maps.Keys(met))
	rank := func(t *analyze.Task) int {
		switch wait := w.waits[t]; {
		case w.circle[t]:
			return 0
		case wait != nil && (wait.Object != nil || len(wait.Targets) > 0):
			return 1
		}
		return 2
	}
	slices.SortFunc(tasks, func(a, b *analyze.Task) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.ID, b.ID)) })
	return tasks
}

// add puts a task and what it waits for into the graph; false if there is no room.
func (w *waitsBuilder) add(t *analyze.Task) bool {
	v := w.task(t)
	if v == nil {
		return false
	}
	wait := w.waits[t]
	switch {
	case w.alone(wait):
		if o := w.ownObject(wait); o != nil {
			w.g.edge(v, o, "waits for", false)
		}
	case wait != nil && wait.Object != nil && wait.Kind != "taskgroup":
		if o := w.object(wait); o != nil {
			w.g.edge(v, o, "waits for", w.circle[t])
		}
	case wait != nil:
		for _, on := range wait.Targets {
			w.edgeTo(v, on, wait.Kind, w.circle[t] && w.circle[on])
		}
	default:
		w.outside(v, t)
	}
	return true
}

// edgeTo draws that a task or lock leads to a task.
func (w *waitsBuilder) edgeTo(v *vertex, on *analyze.Task, kind string, circle bool) {
	label := "awaits"
	switch kind {
	case "held":
		label = "held by"
	case "task", "":
	default:
		label = w.Name(kind)
	}
	if o := w.task(on); o != nil {
		w.g.edge(v, o, label, circle)
	}
}

// task returns the node of a task. Tasks that nobody waits for and that wait alike share one.
func (w *waitsBuilder) task(t *analyze.Task) *vertex {
	if v := w.byTask[t]; v != nil {
		return v
	}
	key := ""
	if !w.named[t] && !w.circle[t] {
		key = w.alike(t)
		if v := w.byKey[key]; v != nil {
			v.tasks = append(v.tasks, t)
			w.byTask[t] = v
			return v
		}
	}
	v := w.g.vertex()
	if v == nil {
		return nil
	}
	v.class, v.tasks = "task", []*analyze.Task{t}
	if w.circle[t] {
		v.class += " circle"
	}
	if wording.OutcomeWord(t) == "pending" {
		v.class += " pending"
	}
	w.byTask[t] = v
	if key != "" {
		w.byKey[key] = v
	}
	return v
}

// alike is what tasks of one node have in common.
func (w *waitsBuilder) alike(t *analyze.Task) string {
	w.About(w.run, t.Process)
	key := fmt.Sprint(wording.SiteKey(t), "\x00", t.Outcome, "\x00", w.state(t), "\x00")
	if t.Process != nil {
		key += fmt.Sprint(t.Process.ID)
	}
	if wait := w.waits[t]; w.alone(wait) {
		key += "\x00" + w.ownKey(wait)
	} else if wait != nil {
		if wait.Object != nil {
			key += fmt.Sprint("\x00", wait.Object.ID, wait.Kind)
		}
		for _, on := range wait.Targets {
			key += fmt.Sprint("\x00", on.ID)
		}
	}
	return key
}

// state says where a task stands.
func (w *waitsBuilder) state(t *analyze.Task) string {
	l, at := w.last[t], (*analyze.Frame)(nil)
	if wait := w.waits[t]; wait != nil {
		at = wait.At
	}
	switch {
	case l == nil && at == nil:
		return wording.OutcomeWord(t)
	case l != nil && l.State != "suspended" && at == nil:
		return w.Name(l.State)
	case l != nil && l.At != nil:
		at = l.At
	}
	if at == nil {
		return "inside the library"
	}
	return "at " + w.brief(at)
}

// describe writes the words into a task's node.
func (w *waitsBuilder) describe(v *vertex) {
	t := v.tasks[0]
	w.About(w.run, t.Process)
	name := w.Task(t)
	if n := len(v.tasks); n > 1 {
		name = wording.CountTasks(v.tasks)
	}
	coro := w.Function(t)
	v.rows = [][]piece{{{Text: name, Class: "strong"}, {Text: coro}}, {{Text: w.state(t), Class: "muted"}}}
	if w.circle[t] {
		v.rows[0] = append(v.rows[0], piece{Text: "in a circle", Class: "flag"})
	}
	v.title = strings.Join([]string{w.Names(wording.LiveOf(v.tasks)), coro, w.state(t)}, ", ")
}

// alone reports whether a task is the only one that waits for a lock, queue or the like, and nobody is known to hold that.
// Hundreds of tasks may each wait for an event of their own.
func (w *waitsBuilder) alone(wait *analyze.Wait) bool {
	return wait != nil && wait.Object != nil && wait.Kind != "taskgroup" && w.waiters[wait.Object] == 1 && !w.circle[wait.Task] &&
		len(wait.Targets) == 0 && !wait.HolderEnded
}

// ownKey is what objects have in common that alike tasks wait for, each for its own.
func (w *waitsBuilder) ownKey(wait *analyze.Wait) string {
	key := "own\x00" + wait.Object.Kind
	if wait.Object.At != nil {
		key += "\x00" + w.Place(wait.Object.At)
	}
	return key
}

// ownObject returns the node of such objects.
func (w *waitsBuilder) ownObject(wait *analyze.Wait) *vertex {
	key := "object\x00" + w.alike(wait.Task)
	v := w.byKey[key]
	if v == nil {
		if v = w.object(wait); v != nil {
			w.byKey[key] = v
		}
		return v
	}
	v.rows[0] = []piece{{Text: "a " + w.Name(wait.Object.Kind) + " each", Class: "strong"}}
	if w.Name(wait.Object.Kind) == "event" {
		v.rows[0][0].Text = "an event each"
	}
	v.title = v.rows[0][0].Text
	return v
}

// object returns the node of a lock, queue or the like, with arrows to who holds it.
func (w *waitsBuilder) object(wait *analyze.Wait) *vertex {
	o := wait.Object
	if v := w.objects[o]; v != nil {
		return v
	}
	v := w.g.vertex()
	if v == nil {
		return nil
	}
	w.objects[o] = v
	v.class = "object"
	v.rows = [][]piece{{{Text: fmt.Sprintf("%s %d", w.Name(o.Kind), o.ID), Class: "strong"}}}
	switch {
	case wait.HolderEnded:
		v.rows[0] = append(v.rows[0], piece{Text: "taken by a task that has ended", Class: "muted"})
	case wait.Kind == "queue" && wait.Size >= 0:
		v.rows[0] = append(v.rows[0], piece{Text: wording.Count(wait.Size, "item") + " in it", Class: "muted"})
	case wait.Kind == "barrier":
		v.rows[0] = append(v.rows[0], piece{Text: fmt.Sprintf("%d of %d have arrived", wait.Arrived, wait.Parties), Class: "muted"})
	}
	if o.At != nil {
		v.rows = append(v.rows, []piece{{Text: "made at " + w.brief(o.At), Class: "muted"}})
	}
	v.title = strings.TrimSuffix(w.Object(o), ",")
	if wait.Held {
		for _, holder := range wait.Targets {
			circle := w.circle[wait.Task] && w.circle[holder]
			if circle {
				v.class = "object circle"
			}
			w.edgeTo(v, holder, "held", circle)
		}
	}
	return v
}

// outside draws what a task waits for that is no task and no object: a timer, I/O, a future.
func (w *waitsBuilder) outside(v *vertex, t *analyze.Task) {
	l := w.last[t]
	if l == nil || l.State != "suspended" {
		return
	}
	if l.On.Task != nil {
		w.edgeTo(v, l.On.Task, l.On.Kind, false)
		return
	}
	what := wording.WaitsFor(l.On, w.Task)
	if what == "" {
		what = "something that was not observed"
	}
	key := "outside\x00" + what
	o := w.byKey[key]
	if o == nil {
		if o = w.g.vertex(); o == nil {
			return
		}
		o.class, o.title, o.rows = "outside", w.Clean(what), [][]piece{{{Text: w.Clean(what), Class: "strong"}}}
		w.byKey[key] = o
	}
	w.g.edge(v, o, "waits for", false)
}
