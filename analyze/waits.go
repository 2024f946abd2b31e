package analyze

import (
	"cmp"
	"slices"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// Wait is what a suspended task waits in, where that is one of asyncio's own: an edge of the wait-for graph.
type Wait struct {
	Task   *Task
	Kind   string // "lock", "semaphore", "condition", "event", "queue", "barrier", "taskgroup", "server", "task", "gather", "shield", "wait", "wait_for"
	Op     string // of a queue: "get", "put" or "join"
	Object *Primitive
	// Targets are the tasks that hold the object, or those that are awaited.
	Targets []*Task
	Held    bool // Targets hold the object
	// Certain: nothing but Targets can end the wait.
	Certain     bool
	HolderEnded bool // the task that took the lock has ended without giving it back
	Timed       bool // a timeout of the task itself would end the wait
	OwnLimit    bool // and that timeout was set for this wait alone
	At          *Frame
	SinceNS     int64 // end of the task's last step
	SeenNS      int64
	// What asyncio counts; -1 where it does not: items and unfinished items of a queue, tasks that wait to get or put (a queue)
	// or at all, arrivals and parties of a barrier.
	Size, Unfinished, Getters, Putters, Waiters, Arrived, Parties int
}

// Primitive is a lock, event, queue or the like that tasks wait in.
type Primitive struct {
	ID    int // of the process
	Kind  string
	Stack []Frame // where it was made, innermost first; nil if that is not known
	At    *Frame
}

// blocked is a Wait whose tasks may still be folded.
type blocked struct {
	wait    Wait // without its tasks
	targets []target
	steps   int // that the task had taken
	cancels int // of the task
	closed  *deadlock
}

// target is a task that another one waits for, and how many steps it had taken then: a holder that has stepped since may
// have let go.
type target struct {
	id    tracefile.TaskID
	steps int
}

func (p *proc) taskBlocked(e *tracefile.Event) {
	t := p.task(e.Task, nil)
	if t == nil || t.outcome != 0 {
		return
	}
	b := &blocked{wait: p.waitOf(e, t), steps: t.steps, cancels: t.cancelled}
	ids := e.Attrs.Get("awaits")
	if b.wait.Held {
		ids = e.Attrs.Get("holders")
	}
	for _, id := range fields(ids) {
		on := target{id: tracefile.TaskID(number(id))}
		if other := p.task(on.id, nil); other != nil {
			on.steps = other.steps
			b.targets = append(b.targets, on)
		}
	}
	slices.SortFunc(b.targets, func(x, y target) int { return cmp.Compare(x.id, y.id) })
	if old := t.blocked; old != nil && old.steps == t.steps {
		b.closed = old.closed
	}
	if t.chain != nil {
		b.wait.At = t.chain.at
	}
	t.blocked = b
	if p.blocked == nil {
		p.blocked = map[*task]bool{}
	}
	p.blocked[t] = true
	p.waitsChanged = true
	p.explain(t, b)
}

// waitOf reads what a task waits in, but for who could end it.
func (p *proc) waitOf(e *tracefile.Event, t *task) Wait {
	a := e.Attrs
	w := Wait{
		Kind: a.Get("on"), Op: a.Get("op"), Certain: isSet(e, "certain"), HolderEnded: isSet(e, "holder_ended"),
		Timed: isSet(e, "timed"), OwnLimit: isSet(e, "own_limit"),
		SinceNS: p.b.rel(e.Time), SeenNS: p.b.rel(e.Time),
		Size: signed(a.Get("size"), -1), Unfinished: signed(a.Get("unfinished"), -1), Getters: signed(a.Get("getters"), -1),
		Putters: signed(a.Get("putters"), -1), Waiters: signed(a.Get("waiters"), -1),
		Arrived: signed(a.Get("arrived"), -1), Parties: signed(a.Get("parties"), -1),
	}
	w.Held = w.Kind == "lock" || w.Kind == "semaphore"
	if t.restNS != 0 && t.thread == nil {
		w.SinceNS = p.b.rel(t.restNS)
	}
	if id := number(a.Get("object")); id != 0 {
		w.Object = p.primitive(int(id), w.Kind, e)
	}
	return w
}

func (p *proc) primitive(id int, kind string, e *tracefile.Event) *Primitive {
	if o := p.primitives[id]; o != nil && o.Kind == kind {
		return o
	}
	if p.primitives == nil {
		p.primitives = map[int]*Primitive{}
	}
	s := p.stackAttr(e, "object_stack")
	o := &Primitive{ID: id, Kind: kind, Stack: s.list()}
	o.At = caller(o.Stack, "__init__", "")
	p.primitives[id] = o
	return o
}

// explain adds to a snapshot of live tasks, which came right before, what they wait in.
func (p *proc) explain(t *task, b *blocked) {
	s := p.snapshot(t.loop)
	if s == nil {
		return
	}
	if l := s.seen[t]; l != nil && l.Wait == nil && l.Steps == t.steps && l.State == "suspended" {
		b.wait.At = l.At
		p.explainLive(l, t, b)
	}
}

// explainLive says in a live task what it waits in.
func (p *proc) explainLive(l *Live, t *task, b *blocked) {
	l.Wait = p.settledWait(t, b)
	l.On.Kind = l.Wait.Kind
	if len(l.Wait.Targets) == 1 {
		l.On.Task = l.Wait.Targets[0]
	}
}

// settledWait makes a wait one of the facts: its tasks will be kept.
func (p *proc) settledWait(t *task, b *blocked) *Wait {
	w := b.wait
	w.Task = t.public()
	for _, on := range b.targets {
		if other := p.tasks.get(uint32(on.id)); other != nil && other != foldedTask {
			w.Targets = append(w.Targets, other.public())
		}
	}
	return &w
}

// unblock forgets what a task waited in: it goes on.
func (p *proc) unblock(t *task, now int64) {
	if p.waitsChanged {
		p.findDeadlocks()
	}
	b := t.blocked
	t.blocked = nil
	delete(p.blocked, t)
	if d := b.closed; d != nil && d.pub.EndNS == 0 {
		d.pub.ended(t, b, p.b.rel(now))
	}
}
