package gotrace

import (
	"cmp"
	"io"
	"slices"
	"strconv"

	"github.com/looptrace/looptrace/recorder/tracefile"
	"golang.org/x/exp/trace"
)

// newLiveSource returns a source of those events only from which what is live at the end is told: the births of these
// goroutines and of those that made them, how each stopped the last time, and how many steps it took. An error means that
// this cannot be told without all events in order.
func newLiveSource(r io.ReaderAt, size int64, s settings) (*source, error) {
	if len(s.At) > 0 || len(s.CloseFuncs) > 0 {
		return nil, errInOrder
	}
	gens, err := wholeGenerations(r, size)
	if err != nil {
		return nil, err
	}
	if own, err := mirrored(r, gens); err != nil || own {
		return nil, cmp.Or(err, errInOrder)
	}
	live, err := readLive(r, gens)
	if err != nil {
		return nil, err
	}
	if live.users {
		return nil, errInOrder
	}
	tables, err := live.tables()
	if err != nil {
		return nil, err
	}
	w := &liveWriter{converter: newConverter(s), rawLive: live, tables: tables, numbers: live.numbers()}
	p, err := w.prelude()
	if err != nil {
		return nil, err
	}
	olders := p.older
	p.older = nil
	w.start(p)
	for _, o := range olders {
		w.skip(live.byID[uint64(o.id)])
		w.older(o)
	}
	w.write()
	src := &source{conv: w.converter, done: true, run: tracefile.RunInfo{StartedNS: p.begins, StartedAt: p.wall}}
	src.health.Notes = w.notes()
	return src, nil
}

// wholeGenerations is indexGenerations for a trace of which nothing is missing.
func wholeGenerations(r io.ReaderAt, size int64) ([]*generation, error) {
	head := make([]byte, headerSize)
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, err
	}
	if _, err := wholePart(r, size, versionOf(head)); err != nil {
		return nil, err
	}
	return indexGenerations(r, size)
}

// liveWriter emits the events of a rawLive.
type liveWriter struct {
	*converter
	*rawLive
	tables  []*rawTable
	numbers []int
	told    int // tasks that have a number, those that were skipped among them
}

// skip passes over the numbers of the tasks before t.
func (w *liveWriter) skip(t *rawTask) {
	number := t.rank
	if t.made.gen >= 0 {
		number += w.numbers[t.made.gen]
	}
	if n := number - w.told; n > 0 {
		w.emit(tracefile.Event{Kind: tracefile.TasksSkipped, Number: uint64(n)})
		w.told += n
	}
	w.told++
}

func (w *liveWriter) stack(p rawPlace) tracefile.StackID {
	if p.gen < 0 {
		return 0
	}
	return w.tables[p.gen].stack(w.stacks, p.stack)
}

// prelude is what readPrelude returns, as far as the goroutines go that are told of.
func (w *liveWriter) prelude() (prelude, error) {
	p, err := rawPrelude(w.file, w.gens[0], w.tables[0])
	if err != nil {
		return p, err
	}
	for _, t := range w.tasks {
		if t.older == nil {
			continue
		}
		o := *t.older
		o.stack, o.first = w.stack(t.olderAt), w.stack(t.firstAt)
		if o.state == trace.GoRunning && !(t.open && t.begun == 0) { // that step is in the sum
			o.state = trace.GoRunnable
		}
		p.older = append(p.older, o)
	}
	sortOlder(p.older)
	return p, nil
}

// liveItem is something that is told of a goroutine.
type liveItem struct {
	ns   int64
	tell func(*liveWriter, *rawTask)
	task *rawTask
}

// items returns what is told of a goroutine, from when on something is told until the last event. It is in this order also
// where the clocks of two processors say otherwise.
func (t *rawTask) items(now, last int64) (list []liveItem) {
	add := func(ns int64, tell func(*liveWriter, *rawTask)) {
		now = max(now, ns)
		list = append(list, liveItem{now, tell, t})
	}
	if t.made.gen >= 0 {
		add(t.madeAt, (*liveWriter).born)
	}
	if at, ok := t.stopped(); ok && t.live {
		add(at, (*liveWriter).stops)
	}
	if t.live && t.state == rawRunnable && t.stop != rawYielded && (t.place.gen >= 0 || t.older != nil && t.older.state != trace.GoRunnable || t.isBlocked) {
		add(cmp.Or(t.wokenAt, last), (*liveWriter).woken)
	}
	if t.open && t.begun != 0 {
		add(t.begun, (*liveWriter).runs)
	}
	if !t.live {
		add(cmp.Or(t.goneAt, last), (*liveWriter).ends)
	}
	return list
}

func (w *liveWriter) write() {
	var items []liveItem
	for _, t := range w.tasks {
		items = append(items, t.items(w.now, w.last)...)
	}
	slices.SortStableFunc(items, func(a, b liveItem) int { return cmp.Compare(a.ns, b.ns) })
	for _, i := range items {
		w.now = i.ns
		i.tell(w, i.task)
	}
	w.now = max(w.last, w.now)
	if n := w.numbers[len(w.numbers)-1] - w.told; n > 0 {
		w.emit(tracefile.Event{Kind: tracefile.TasksSkipped, Number: uint64(n)})
	}
	for _, t := range w.tasks {
		if t.live {
			w.sum(t)
		}
	}
}

// stopped returns when the step ended that the goroutine took last, as far as that is over; false if none did.
func (t *rawTask) stopped() (int64, bool) {
	if t.place.gen < 0 || t.stop == rawCalled && t.open {
		return 0, false
	}
	if t.stop == rawCalled {
		return max(t.callEnd, t.stopAt), true
	}
	return t.stopAt, true
}

func (w *liveWriter) goroutine(t *rawTask) *goroutine { return w.gs.get(trace.GoID(t.id)) }

// born tells of a birth.
func (w *liveWriter) born(t *rawTask) {
	at, start := w.stack(t.made), w.stack(t.start)
	actor := w.gs.get(trace.GoID(t.parent))
	if t.parent == 0 {
		actor = nil
	}
	if actor != nil && w.tests.starts[actor.task] {
		w.guessTest(actor, nil, at)
	}
	g := w.gs.add(trace.GoID(t.id))
	g.task, g.since, g.state = w.newTask(), w.now, trace.GoRunnable
	w.skip(t)
	e := tracefile.Event{
		Kind: tracefile.TaskSpawned, Task: g.task, Loop: loopGoroutines, Site: w.stacks.site(at, start), Name: g.name(),
	}
	if actor != nil {
		e.Number, g.test = uint64(actor.task), actor.test
	}
	w.emit(e)
	w.startsTest(g, w.stacks.start(start).Qualname)
	if t.isBlocked {
		w.suspend(g, start, "")
	}
}

// stops tells of the last step that is over: it begins and ends at once, for how long it was is in the sum.
func (w *liveWriter) stops(t *rawTask) {
	g, stack := w.goroutine(t), w.stack(t.place)
	if g == nil {
		return
	}
	if w.tests.starts[g.task] {
		w.guessTest(g, nil, stack)
	}
	w.begin(g, trace.NoProc) // not on that of a step that is open at the end
	reason := w.tables[t.place.gen].text(t.reason)
	switch {
	case t.stop == rawCalled:
		g.state = trace.GoSyscall
		g.stack, g.since, g.least = stack, t.stopAt, false
		g.on = w.onOf(g, "", stack)
		w.stop(g, g.suspendedIn(w.converter.stacks))
	case t.stop == rawYielded || !ofProgram(reason):
		w.yield(g, stack)
	default:
		w.suspend(g, stack, reason)
	}
}

// suspendedIn is what is told of a system call that lost its P.
func (g *goroutine) suspendedIn(s *stacks) tracefile.ChainID {
	return s.chainOf(g.stack, "suspended", string(g.on))
}

func (w *liveWriter) woken(t *rawTask) {
	if g := w.goroutine(t); g != nil {
		g.state = trace.GoRunnable
		w.emit(tracefile.Event{Kind: tracefile.TaskWoken, Task: g.task})
	}
}

func (w *liveWriter) runs(t *rawTask) {
	if g := w.goroutine(t); g != nil {
		w.begin(g, trace.ProcID(t.proc))
	}
}

func (w *liveWriter) ends(t *rawTask) {
	if g := w.goroutine(t); g != nil {
		w.end(g)
	}
}

// sum tells of the steps that no events tell of.
func (w *liveWriter) sum(t *rawTask) {
	g := w.goroutine(t)
	if g == nil {
		return
	}
	steps := t.steps
	if _, ok := t.stopped(); ok {
		steps--
	}
	if t.open {
		steps--
	}
	w.emit(tracefile.Event{
		Kind: tracefile.StepsSummed, Task: g.task, Number: uint64(max(steps, 0)),
		Attrs: tracefile.Attrs{{Key: "busy_ns", Value: strconv.FormatInt(t.busy, 10)}},
	})
}
