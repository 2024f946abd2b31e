package analyze

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Deadlock is a cycle of tasks each of which waits for the next, and that nothing else could wake when it was seen.
type Deadlock struct {
	Process *Process
	Loop    *Loop
	Links   []*Wait // in the order of the cycle: each waits for the task of the next one, the last for the first
	Closing *Wait   // the link that closed the cycle: its task was the last to wait
	Behind  []*Task // other tasks that wait for one of the cycle, directly or not
	SinceNS int64   // when the cycle was closed
	SeenNS  int64
	EndNS   int64 // when a task of it went on; 0: never
	// Cancelled: the task that went on had been cancelled, or its wait_for() had timed out. Otherwise somebody woke it who was
	// not known.
	Cancelled  bool
	First      *Wait      // the link whose task went on, with FirstSteps steps taken until then; nil if none did
	Released   *Primitive // what that task waited for, if a holder that was not known gave it back
	FirstSteps int
	Timed      bool // a timeout of one of its tasks, or of one behind it, would end it
}

// deadlock is the working state of a Deadlock.
type deadlock struct{ pub *Deadlock }

// findDeadlocks looks at the tasks that are known to wait now. A task is stuck if all that could wake it are stuck.
func (p *proc) findDeadlocks() {
	p.waitsChanged = false
	g := p.waitGraph()
	g.shrink()
	for _, t := range g.order {
		if !g.stuck[t] || g.visited[t] {
			continue
		}
		if cycle := g.cycleFrom(t); cycle != nil {
			p.deadlock(g, cycle)
		}
	}
}

// waitGraph is the wait-for graph of one moment.
type waitGraph struct {
	order   []*task // in the order of their ids
	next    map[*task][]*task
	behind  map[*task][]*task // next reversed
	stuck   map[*task]bool
	visited map[*task]bool
}

func (p *proc) waitGraph() *waitGraph {
	g := &waitGraph{next: map[*task][]*task{}, behind: map[*task][]*task{}, stuck: map[*task]bool{}, visited: map[*task]bool{}}
	for t := range p.blocked {
		if t.blocked.steps == t.steps && t.inherited == nil {
			g.order = append(g.order, t)
		}
	}
	slices.SortFunc(g.order, func(a, b *task) int { return cmp.Compare(a.id, b.id) })
	for _, t := range g.order {
		b := t.blocked
		certain := b.wait.Certain && len(b.targets) > 0
		for _, on := range b.targets {
			other := p.tasks.get(uint32(on.id))
			gone := other == nil || other == foldedTask || other.outcome != 0
			if gone || b.wait.Held && other.steps != on.steps {
				certain = certain && !b.wait.Held
				continue
			}
			g.next[t] = append(g.next[t], other)
			g.behind[other] = append(g.behind[other], t)
		}
		g.stuck[t] = certain && len(g.next[t]) > 0
	}
	return g
}

// shrink takes away the tasks that somebody could wake who is not stuck.
func (g *waitGraph) shrink() {
	var free []*task
	met := map[*task]bool{} // thousands may wait for one task
	add := func(t *task) {
		if !met[t] {
			met[t] = true
			free = append(free, t)
		}
	}
	for _, t := range g.order {
		for _, on := range g.next[t] {
			if !g.stuck[on] {
				add(on)
			}
		}
		if !g.stuck[t] {
			add(t)
		}
	}
	for len(free) > 0 {
		t := free[len(free)-1]
		free = free[:len(free)-1]
		for _, waiting := range g.behind[t] {
			if g.stuck[waiting] {
				g.stuck[waiting] = false
				free = append(free, waiting)
			}
		}
	}
}

// cycleFrom follows the waits of a stuck task to the cycle that they end in; nil if that was met before.
func (g *waitGraph) cycleFrom(t *task) []*task {
	var path []*task
	for !g.visited[t] {
		g.visited[t] = true
		path = append(path, t)
		on := g.next[t][0]
		if on == t && len(g.next[t]) > 1 { // it holds one permit of several
			on = g.next[t][1]
		}
		t = on
	}
	i := slices.Index(path, t)
	if i < 0 {
		return nil
	}
	return path[i:]
}

// deadlock records a cycle, or that it still is there.
func (p *proc) deadlock(g *waitGraph, cycle []*task) {
	first := 0
	for i, t := range cycle {
		if t.id < cycle[first].id {
			first = i
		}
	}
	cycle = slices.Concat(cycle[first:], cycle[:first])
	var key strings.Builder
	for _, t := range cycle {
		key.WriteString(strconv.Itoa(t.id) + "/" + strconv.Itoa(t.steps) + " ")
	}
	if p.deadlocks == nil {
		p.deadlocks = map[string]*deadlock{}
	}
	d := p.deadlocks[key.String()]
	if d == nil {
		if len(p.deadlocks) >= maxRepeats {
			p.omitted++
			return
		}
		d = &deadlock{pub: p.newDeadlock(cycle)}
		p.deadlocks[key.String()] = d
		p.pub.Deadlocks = append(p.pub.Deadlocks, d.pub)
	}
	for _, t := range cycle {
		t.blocked.closed = d
	}
	p.lookBehind(g, cycle, d.pub)
}

func (p *proc) newDeadlock(cycle []*task) *Deadlock {
	d := &Deadlock{Process: p.pub, Loop: cycle[0].loop.facts()}
	for _, t := range cycle {
		w := p.settledWait(t, t.blocked)
		d.Links = append(d.Links, w)
		d.SeenNS = max(d.SeenNS, w.SeenNS)
		if d.Closing == nil || w.SinceNS > d.SinceNS {
			d.Closing, d.SinceNS = w, w.SinceNS
		}
	}
	return d
}

// ended records that t, which waited in b, is the first task of a cycle to go on. What wait_for() waits for would have gone on
// before it, unless its time was up.
func (d *Deadlock) ended(t *task, b *blocked, now int64) {
	d.EndNS = now
	d.Cancelled = t.cancelled > b.cancels || b.wait.Kind == "wait_for" && b.wait.Timed
	d.FirstSteps = b.steps
	for _, w := range d.Links {
		if w.Task == t.public() {
			d.First = w
		}
	}
	if d.First != nil && d.First.Held && !d.Cancelled {
		d.Released = d.First.Object
	}
}

// lookBehind finds the tasks that wait for a cycle, and whether a timeout could end it.
func (p *proc) lookBehind(g *waitGraph, cycle []*task, d *Deadlock) {
	met := map[*task]bool{}
	todo := slices.Clone(cycle)
	for _, t := range cycle {
		met[t] = true
	}
	d.Behind = nil
	for len(todo) > 0 {
		t := todo[0]
		todo = todo[1:]
		d.Timed = d.Timed || t.blocked.wait.Timed
		for _, waiting := range g.behind[t] {
			if !met[waiting] {
				met[waiting] = true
				todo = append(todo, waiting)
				d.Behind = append(d.Behind, waiting.public())
			}
		}
	}
	slices.SortFunc(d.Behind, func(a, b *Task) int { return cmp.Compare(a.ID, b.ID) })
}
