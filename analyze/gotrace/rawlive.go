package gotrace

import (
	"fmt"
	"io"
	"slices"
)

// rawPlace is where in a generation something is that a goroutine refers to.
type rawPlace struct {
	gen   int // number in the list, -1: none
	stack uint32
}

// rawTask is a goroutine that is live at the end of a trace, or one that made such a one.
type rawTask struct {
	id    uint64
	live  bool
	state rawState // at the end
	proc  int64
	open  bool // a step is open at the end
	begun int64

	// Who made it, where, and in which function it begins. made.gen is -1 as long as that is not known, and at the end if it
	// is older than the trace: then older is how it was at its beginning.
	made      rawPlace
	start     rawPlace
	madeAt    int64
	parent    uint64
	isBlocked bool
	older     *older
	olderAt   rawPlace
	firstAt   rawPlace

	// How it stopped the last time, as long as place.gen is not -1.
	stop    rawStop
	place   rawPlace
	reason  uint32
	stopAt  int64
	callEnd int64 // of a system call: when it lost its P; 0: it did not
	wokenAt int64 // 0: it was not, as far as is known

	steps  int
	busy   int64
	endsAt int64 // of the step that is open where the generation that was read last begins: when it ends; 0: it does not
	goneAt int64 // 0: not known

	madeIn uint64 // made.gen's own time
	rank   int    // how many were born before it in its generation; of one that is older than the trace: how many of these have lower ids
}

// rawLive is what is live at the end of a trace, found from its last generation to its first.
type rawLive struct {
	file  io.ReaderAt
	gens  []*generation
	tasks []*rawTask // that are live, by their ids; then those that made them
	byID  map[uint64]*rawTask
	users bool // there are user tasks that did not end
	from  int64
	last  int64 // when a goroutine last did something

	births []int // by generation
	olders int   // goroutines that are older than the trace
}

// readLive reads a whole trace. An error means that it has to be read in order.
func readLive(r io.ReaderAt, gens []*generation) (*rawLive, error) {
	l := &rawLive{file: r, gens: gens, byID: map[uint64]*rawTask{}, births: make([]int, len(gens))}
	w := newRawWalk()
	for i := len(gens) - 1; i >= 0; i-- {
		if err := w.read(r, gens[i], i == 0); err != nil {
			return nil, err
		}
		if i == len(gens)-1 {
			l.atEnd(w)
		}
		l.merge(w, i)
		if err := l.number(w, i); err != nil {
			return nil, err
		}
	}
	for _, n := range w.users {
		l.users = l.users || n > 0
	}
	l.from = gens[0].begins()
	for _, t := range l.tasks {
		if t.older != nil && t.endsAt > l.from {
			t.busy += t.endsAt - l.from
		}
	}
	return l, nil
}

// atEnd takes in what is live at the end of the last generation.
func (l *rawLive) atEnd(w *rawWalk) {
	g := l.gens[len(l.gens)-1]
	for i := range w.gs.count {
		r := w.gs.at(i)
		if r.state == rawGone || r.state == rawUnknown {
			continue
		}
		t := l.want(r.id)
		t.live, t.state, t.proc, t.open = true, r.state, r.proc, r.open
		if r.open && r.openAt != 0 {
			t.begun = g.ns(r.openAt)
		}
	}
	slices.SortFunc(l.tasks, func(a, b *rawTask) int {
		if a.id < b.id {
			return -1
		}
		return 1
	})
	l.last = g.ns(w.last)
}

// want asks for a goroutine.
func (l *rawLive) want(id uint64) *rawTask {
	if t := l.byID[id]; t != nil {
		return t
	}
	t := &rawTask{id: id, proc: -1, made: rawPlace{gen: -1}, place: rawPlace{gen: -1}}
	l.byID[id] = t
	l.tasks = append(l.tasks, t)
	return t
}

// merge takes in what an earlier generation tells of the goroutines that are wanted, and of those that made them.
func (l *rawLive) merge(w *rawWalk, gen int) {
	g := l.gens[gen]
	for i := 0; i < len(l.tasks); i++ { // it grows
		t := l.tasks[i]
		if t.made.gen >= 0 {
			continue
		}
		r := w.gs.find(t.id)
		if r == nil {
			continue
		}
		t.stops(r, g, gen)
		t.count(r, g)
		if gen == 0 && !r.created {
			t.isOlder(r)
		}
		if !r.created {
			continue
		}
		t.made, t.start = rawPlace{gen, r.createStack}, rawPlace{gen, r.startStack}
		t.madeIn = r.createdAt
		t.madeAt, t.parent, t.isBlocked = g.ns(r.createdAt), r.parent, r.isBlocked
		if r.parent != 0 {
			l.want(r.parent)
		}
	}
}

// stops takes in how the goroutine stopped the last time.
func (t *rawTask) stops(r *rawG, g *generation, gen int) {
	if t.goneAt == 0 && r.goneAt != 0 {
		t.goneAt = g.ns(r.goneAt)
	}
	if t.place.gen >= 0 {
		return
	}
	if t.wokenAt == 0 && r.wokenAt != 0 {
		t.wokenAt = g.ns(r.wokenAt)
	}
	if t.callEnd == 0 && r.callEnd != 0 {
		t.callEnd = g.ns(r.callEnd)
	}
	if r.stop != rawNoStop {
		t.stop, t.place, t.reason, t.stopAt = r.stop, rawPlace{gen, r.stack}, r.reason, g.ns(r.stopAt)
	}
}

// count adds up steps. One that is open where this generation ends goes on in the one that was read before.
func (t *rawTask) count(r *rawG, g *generation) {
	t.steps += int(r.steps)
	t.busy += g.ns(r.busy)
	if r.open && r.openAt != 0 {
		if begun := g.ns(r.openAt); t.endsAt > begun {
			t.busy += t.endsAt - begun
		} else if t.open && t.begun == 0 {
			t.begun = begun
		}
	}
	if !r.open || r.openAt != 0 {
		t.endsAt = 0
	}
	if r.endAt != 0 {
		t.endsAt = g.ns(r.endAt)
	}
}

// isOlder takes in how a goroutine was that is older than the trace.
func (t *rawTask) isOlder(r *rawG) {
	t.older = olderOf(r)
	t.olderAt, t.firstAt = rawPlace{0, r.statedStack}, rawPlace{0, r.firstStack}
	if r.statedStack != 0 {
		t.firstAt = t.olderAt
	}
}

// tables reads those strings and stacks that the goroutines refer to, by generation.
func (l *rawLive) tables() ([]*rawTable, error) {
	tables := make([]*rawTable, len(l.gens))
	tables[0] = newRawTable()
	tables[0].all = true // for the prelude
	want := func(p rawPlace) *rawTable {
		if tables[p.gen] == nil {
			tables[p.gen] = newRawTable()
		}
		tables[p.gen].wantStack(p.stack)
		return tables[p.gen]
	}
	for _, t := range l.tasks {
		if t.made.gen >= 0 {
			want(t.made)
			want(t.start)
		}
		if t.place.gen >= 0 {
			want(t.place).wantText(t.reason)
		}
		if t.older != nil {
			want(t.olderAt)
			want(t.firstAt)
		}
	}
	for i, table := range tables {
		if table == nil {
			continue
		}
		if err := table.read(l.file, l.gens[i]); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

// mirrored reports whether a recorder tells the trace of its loops and tasks: then all of it has to be read in order.
func mirrored(r io.ReaderAt, gens []*generation) (bool, error) {
	found := false
	for _, g := range gens {
		err := g.content(r, rawStrings, func(data []byte) error {
			return eachString(data, func(_ uint64, text []byte) {
				found = found || string(text) == ownCategory
			})
		})
		if err != nil || found {
			return found, err
		}
	}
	return false, nil
}

var errInOrder = fmt.Errorf("this has to be read in order: %w", errRaw)
