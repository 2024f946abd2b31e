package gotrace

import (
	"fmt"
	"io"
	"math"
	"slices"
)

// rawWalk reads the events of one generation M by M, without bringing them into an order: what happens to one goroutine is
// told apart by its own sequence numbers, and what happens between two of them lies on one M.
type rawWalk struct {
	arity *[256]uint8
	buf   []byte

	stackArg *[256]int8 // which of its arguments is the stack where an event of a kind happens; -1: none
	first    bool       // this is the first generation: nothing went on before it

	gs     rawGs
	ms     map[uint64]*rawM
	steals map[uint64][]uint64 // when Ps were taken from an M
	calls  []rawCall
	users  map[uint64]int // user tasks: begun less ended
	last   uint64         // when a goroutine last did something
	births []uint64       // of goroutines and user tasks
}

// rawM is a thread of the runtime.
type rawM struct {
	id    uint64
	g     *rawG // that it runs; nil: none
	seq   uint32
	known bool // g is known, be it nil; until then it runs what it ran before the generation
	head  *rawG
	proc  int64

	open   bool   // the step of g is
	begun  uint64 // and began then; 0: before the generation
	inCall bool

	begunUser bool // the last event began a user task
	callAt    uint64
	lostP     uint64 // when the system call lost its P; 0: it has it still, or another M took it
}

// rawCall is a system call that blocked: when its step ended is known when all Ms are read.
type rawCall struct {
	g      *rawG
	m      uint64
	begun  uint64 // the step
	callAt uint64 // 0: before the generation
	until  uint64
	last   bool // it goes on at the end of the generation
}

func newRawWalk() *rawWalk {
	return &rawWalk{
		arity: rawArity(), stackArg: rawStackArg(), buf: make([]byte, maxBatch),
		ms: map[uint64]*rawM{}, steals: map[uint64][]uint64{}, users: map[uint64]int{},
	}
}

// read reads a generation. An error means that the whole trace has to be read in order.
func (w *rawWalk) read(r io.ReaderAt, g *generation, first bool) error {
	w.gs.reset()
	clear(w.ms)
	clear(w.steals)
	w.calls, w.first, w.last, w.births = w.calls[:0], first, 0, w.births[:0]
	for i := range g.batches {
		b := &g.batches[i]
		if b.kind != rawEventBatch {
			continue
		}
		data := w.buf[:b.size]
		if _, err := r.ReadAt(data, b.off); err != nil {
			return err
		}
		if err := w.batch(b, data); err != nil {
			return fmt.Errorf("generation %d, batch at %d: %w", g.number, b.off, err)
		}
	}
	return w.finish()
}

func (w *rawWalk) batch(b *rawBatch, data []byte) error {
	m := w.ms[b.m]
	if m == nil {
		m = &rawM{id: b.m, proc: -1, known: b.m == math.MaxUint64}
		w.ms[b.m] = m
	}
	c := rawCursor{arity: w.arity, data: data, time: b.time}
	var e rawEvent
	for {
		ok, err := c.next(&e)
		if !ok || err != nil {
			return err
		}
		if w.first && m.g != nil {
			w.seenAt(m, &e)
		}
		if m.begunUser { // the converter tells of a user task with the next event
			m.begunUser = false
			w.births = append(w.births, e.time)
		}
		if e.kind <= rawGoSyscallEndBlocked && e.kind >= rawGoCreate && e.time > w.last {
			w.last = e.time
		}
		if err := w.event(m, &e); err != nil {
			return err
		}
	}
}

// seenAt takes in the stack of an event on a goroutine that is older than the trace, of which little else tells where it began.
func (w *rawWalk) seenAt(m *rawM, e *rawEvent) {
	i := w.stackArg[e.kind]
	if i < 0 || e.args[i] == 0 {
		return
	}
	g := m.g
	if stack, err := small(e.args[i]); err == nil && (g.firstStack == 0 || m.seq < g.firstSeq) {
		g.firstStack, g.firstSeq = stack, m.seq
	}
}

// event takes in one event of an M. The kinds that are not here do not change what goroutines do.
func (w *rawWalk) event(m *rawM, e *rawEvent) error {
	switch e.kind {
	case rawGoStart:
		return w.start(m, e, e.args[0], e.args[1])
	case rawGoBlock:
		return w.leave(m, e, rawBlocked, rawWaiting)
	case rawGoUnblock:
		return w.unblock(e)
	case rawGoStop:
		return w.leave(m, e, rawYielded, rawRunnable)
	case rawGoDestroy, rawGoDestroySyscall:
		return w.leave(m, e, rawNoStop, rawGone)
	case rawGoCreate, rawGoCreateBlocked:
		return w.create(m, e)
	case rawGoSyscallBegin:
		return w.call(m, e)
	case rawGoSyscallEnd, rawGoSyscallEndBlocked:
		return w.callEnd(m, e)
	case rawGoStatus, rawGoStatusStack:
		return w.status(m, e)
	case rawGoSwitch, rawGoSwitchDestroy:
		return w.switchTo(m, e)
	case rawGoCreateSyscall:
		return w.createInCall(m, e)
	case rawProcStart, rawProcStop, rawProcSteal, rawProcStatus:
		w.procEvent(m, e)
	case rawUserTaskBegin:
		m.begunUser = true
		w.userTask(e.args[0], 1)
	case rawUserTaskEnd:
		w.userTask(e.args[0], -1)
	}
	return nil
}

// current returns the goroutine that an M runs, on which an event happens that cannot happen without one. What it ran when
// the generation began may be stated on another M only: then it stands for itself until that is read.
func (w *rawWalk) current(m *rawM) (*rawG, error) {
	if m.g != nil {
		return m.g, nil
	}
	if m.known {
		return nil, fmt.Errorf("no goroutine runs on M %d: %w", m.id, errRaw)
	}
	m.head = &rawG{proc: -1, state: rawInCall}
	m.g, m.known, m.inCall = m.head, true, true
	return m.g, nil
}

// latest reports whether what happens to a goroutine under a sequence number comes after all that is known of it.
func (g *rawG) latest(seq uint32) bool {
	if seq < g.seq {
		return false
	}
	g.seq, g.moved = seq, true
	return true
}

// small narrows ids and sequence numbers, which count up from 1 in each generation.
func small(n uint64) (uint32, error) {
	if n > math.MaxUint32 {
		return 0, fmt.Errorf("number %d: %w", n, errRaw)
	}
	return uint32(n), nil
}

func (w *rawWalk) start(m *rawM, e *rawEvent, id, seq uint64) error {
	g, err := w.gs.get(id)
	if err != nil {
		return err
	}
	m.g, m.known, m.inCall, m.lostP = g, true, false, 0
	if m.seq, err = small(seq); err != nil {
		return err
	}
	if g.latest(m.seq) {
		g.state, g.proc = rawRunning, m.proc
	}
	w.begin(m, e.time)
	return nil
}

// begin begins the step of the goroutine that an M runs.
func (w *rawWalk) begin(m *rawM, now uint64) {
	m.g.steps++
	m.open, m.begun = true, now
}

// end ends its step.
func (w *rawWalk) end(m *rawM, now uint64) {
	if !m.open {
		return
	}
	m.g.stepped(m.begun, now)
	m.open = false
}

// stepped adds a step to what a goroutine did; one that began before the generation is added up later.
func (g *rawG) stepped(begun, ended uint64) {
	if begun == 0 {
		g.endAt = ended
	} else if ended > begun {
		g.busy += ended - begun
	}
}

// leave takes in that the goroutine of an M stops running.
func (w *rawWalk) leave(m *rawM, e *rawEvent, stop rawStop, state rawState) error {
	g, err := w.current(m)
	if err != nil {
		return err
	}
	w.end(m, e.time)
	if state == rawGone {
		g.goneAt = e.time
	}
	if g.latest(m.seq) {
		g.state = state
	}
	if stop != rawNoStop {
		if err := g.stopped(stop, e.time, e.args[0], e.args[1], m.seq); err != nil {
			return err
		}
	}
	m.g, m.inCall = nil, false
	return nil
}

// stopped takes in how a goroutine stopped running, unless a later time is known already.
func (g *rawG) stopped(stop rawStop, at, reason, stack uint64, seq uint32) (err error) {
	if seq < g.stopSeq {
		return nil
	}
	g.stop, g.stopAt, g.stopSeq, g.callEnd = stop, at, seq, 0
	if g.reason, err = small(reason); err != nil {
		return err
	}
	g.stack, err = small(stack)
	return err
}

func (w *rawWalk) unblock(e *rawEvent) error {
	g, err := w.gs.get(e.args[0])
	if err != nil {
		return err
	}
	seq, err := small(e.args[1])
	if err != nil {
		return err
	}
	if g.latest(seq) {
		g.state, g.wokenAt = rawRunnable, e.time
	}
	return nil
}

func (w *rawWalk) create(m *rawM, e *rawEvent) (err error) {
	g, err := w.gs.get(e.args[0])
	if err != nil {
		return err
	}
	g.created, g.createdAt = true, e.time
	w.births = append(w.births, e.time)
	if m.g != nil {
		g.parent = m.g.id
	}
	if g.startStack, err = small(e.args[1]); err != nil {
		return err
	}
	if g.createStack, err = small(e.args[2]); err != nil {
		return err
	}
	if g.seq == 0 && !g.moved {
		g.state = rawRunnable
	}
	if e.kind == rawGoCreateBlocked {
		g.isBlocked = true
		if g.seq == 0 && !g.moved {
			g.state = rawWaiting
		}
	}
	return nil
}

// switchTo takes in that a goroutine hands over to another one, as coroutines do.
func (w *rawWalk) switchTo(m *rawM, e *rawEvent) error {
	from := *e
	from.args = [4]uint64{}
	stop, state := rawSwitched, rawWaiting
	if e.kind == rawGoSwitchDestroy {
		stop, state = rawNoStop, rawGone
	}
	if err := w.leave(m, &from, stop, state); err != nil {
		return err
	}
	return w.start(m, e, e.args[0], e.args[1])
}

// createInCall takes in a thread of C that calls Go.
func (w *rawWalk) createInCall(m *rawM, e *rawEvent) error {
	g, err := w.gs.get(e.args[0])
	if err != nil {
		return err
	}
	g.created, g.createdAt = true, e.time
	w.births = append(w.births, e.time)
	m.g, m.known, m.seq, m.open, m.inCall, m.callAt, m.lostP = g, true, 0, false, true, e.time, 0
	if g.latest(0) {
		g.state = rawInCall
	}
	return nil
}

func (w *rawWalk) userTask(id uint64, n int) {
	if n += w.users[id]; n == 0 {
		delete(w.users, id)
		return
	}
	w.users[id] = n
}

func (w *rawWalk) finish() error {
	for _, s := range w.steals {
		slices.Sort(s)
	}
	for _, m := range w.ms {
		if m.begunUser {
			w.births = append(w.births, math.MaxUint64)
		}
		if m.head != nil && m.head.moved {
			return fmt.Errorf("goroutine of M %d is not stated: %w", m.id, errRaw)
		}
		w.openAtEnd(m)
	}
	w.settleCalls()
	return nil
}

// openAtEnd takes in what an M runs when the generation ends.
func (w *rawWalk) openAtEnd(m *rawM) {
	g := m.g
	if g == nil || g == m.head || m.seq < g.seq || g.state != rawRunning && g.state != rawInCall {
		return
	}
	if m.inCall {
		w.calls = append(w.calls, rawCall{g: g, m: m.id, begun: m.begun, callAt: m.callAt, last: true})
		if m.lostP != 0 {
			g.callEnd = m.lostP
		}
	}
	g.open, g.openAt = m.open, m.begun
}
