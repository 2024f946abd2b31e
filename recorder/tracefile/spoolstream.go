package tracefile

import (
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// task is what an address stands for. It outlives the task, because facts may still speak of one that has ended.
type addressEntry struct {
	task  TaskID
	ended bool
	// arguments of a slot to come
	site   SiteID
	stack  StackID
	name   uint32
	number uint64
	text   string
	named  uint8 // which of the three above holds the name
	parent uint64
	chain  ChainID
	birth  uint32 // the name that it is spawned with
}

const (
	namedByNumber = 1 + iota
	namedByID
	namedByText
)

// forkPoint is what a forked child takes over from its parent.
type forkPoint struct {
	live  []inherited // by parent's TaskID
	loops map[ThreadID][]LoopID
	last  []LoopID
}

type inherited struct {
	address uint64
	task    TaskID
}

// spoolStream decodes the files of one token.
type spoolStream struct {
	spool *Spool
	proc  *spoolProcess
	facts *factReader
	slots *slotReader
	tasks map[uint64]*addressEntry
	last  TaskID // given out
	time  int64  // of the last timed event

	running map[ThreadID][]LoopID // innermost last
	lastRun []LoopID              // of the only thread that ran a loop so far

	samples *sampleReader // nil: there is no such file
	held    Event         // comes after the samples that are older
	holds   bool

	heirs   []inherited // still to be yielded
	upTo    uint64      // facts up to this ordinal have happened
	after   uint64      // the highest ordinal that was yielded
	gaps    bool        // it was said that facts are missing
	started bool
	// numbered says that addresses are numbers of tasks, and never stand for a second one.
	numbered bool
	drained  bool            // the slots are at their end
	unknown  int             // slots with a code from the future
	lost     int             // slots that refer to a fact that is not there
	forks    []*spoolProcess // forked children whose fork was not seen yet, in order of start
}

func openStream(s *Spool, p *spoolProcess) *spoolStream {
	st := &spoolStream{
		spool: s, proc: p, tasks: map[uint64]*addressEntry{}, running: map[ThreadID][]LoopID{}, time: p.started,
	}
	if p.forked && p.parent != nil {
		fork := p.forkID
		if p.parentID != p.parent.token {
			fork = ""
		}
		p.defs.inherit(p.parent.defs, fork)
	}
	var err error
	if st.facts, err = openFacts(filepath.Join(s.dir, p.token+".facts"), p.token, p.defs); err != nil {
		s.health.note("%s.facts: %v: names and rare events of the process are lost", p.token, reason(err))
		s.health.Truncated = true
		st.facts = &factReader{name: p.token, defs: p.defs}
	}
	st.slots = newSlotReader(s.dir, p.token, p.slots, s.health.note)
	st.samples = openSamples(s.dir, p)
	if p.missing > 0 {
		s.health.note("%s: %d slots files are missing: their events are lost", p.token, p.missing)
	}
	if p.fork != nil {
		st.heirs = p.fork.live
		st.running, st.lastRun = p.fork.loops, p.fork.last
		p.fork = nil
	}
	for _, c := range p.children {
		if c.forked {
			st.forks = append(st.forks, c)
		}
	}
	return st
}

// next fills e with the next event; false at the end. What the launcher saw goes where it belongs by time.
func (st *spoolStream) next(e *Event) bool {
	if st.samples == nil || !st.started {
		return st.recorded(e)
	}
	if !st.holds {
		if !st.recorded(&st.held) {
			return st.sample(math.MaxInt64, e)
		}
		st.holds = true
	}
	if st.sample(st.held.Time, e) {
		return true
	}
	*e = st.held
	st.holds = false
	return true
}

// sample fills e with the next sample before a time.
func (st *spoolStream) sample(before int64, e *Event) bool {
	*e = Event{Stream: st.proc.id}
	return st.samples.take(before, e)
}

// recorded fills e with the next event of the recorder; false at the end.
func (st *spoolStream) recorded(e *Event) bool {
	if !st.started {
		st.started = true
		if n := st.proc.first.ordinal; n != 0 {
			st.facts.readTo(n)
			st.upTo = n
		}
	}
	for {
		if st.missing(e) {
			return true
		}
		if f, ok := st.facts.take(st.upTo); ok {
			st.after = max(st.after, f.ordinal)
			if st.fact(f, e) {
				return true
			}
			continue
		}
		if len(st.heirs) > 0 {
			st.inherited(e)
			return true
		}
		if st.drained {
			return false
		}
		if s, ok := st.slots.next(); !ok {
			st.end()
		} else if st.slot(s, e) {
			return true
		}
	}
}

// missing makes the event that says that facts before the next one are missing. False if none are, or if it was said.
func (st *spoolStream) missing(e *Event) bool {
	n, ok := st.facts.peek(st.upTo)
	if !ok || n <= st.after+1 || st.gaps {
		return false
	}
	st.incomplete(e)
	return true
}

// incomplete makes the event that says that facts are missing from here on.
func (st *spoolStream) incomplete(e *Event) {
	st.gaps = true
	st.spool.health.Truncated = true
	*e = Event{Time: st.time, Kind: NoteAdded, Stream: st.proc.id, Attrs: Attrs{
		{"text", st.proc.token + ".facts: rare events are missing: they could not be written"}, {"stopped", "1"},
	}}
}

// inherited makes the next event that says which of the parent's tasks lives on here.
func (st *spoolStream) inherited(e *Event) {
	in := st.heirs[0]
	st.heirs = st.heirs[1:]
	task := st.incarnate(st.entry(in.address))
	*e = Event{Time: st.proc.started, Kind: TaskInherited, Stream: st.proc.id, Task: task, Number: uint64(in.task)}
}

// end is called at the end of the slots: what facts are left comes now.
func (st *spoolStream) end() {
	st.drained, st.upTo = true, math.MaxUint64
	if st.facts.file == nil {
		return
	}
	if at := st.facts.drain(); at >= 0 {
		st.spool.health.note("%s.facts: offset %d: the last line is torn", st.proc.token, at)
		st.spool.health.Truncated = true
	}
}

// finish closes the files and says what could not be understood.
func (st *spoolStream) finish() {
	h := &st.spool.health
	if n := st.facts.passed; n > 0 {
		h.note("%s.facts: %d lines were not understood and were passed over", st.proc.token, n)
	}
	if st.unknown > 0 {
		h.note("%s: %d slots of an unknown kind were passed over", st.proc.token, st.unknown)
	}
	if st.lost > 0 {
		h.note("%s: %d events are lost: the facts file ends before them", st.proc.token, st.lost)
		h.Truncated = true
	}
	if st.samples != nil {
		if n := st.samples.facts.passed; n > 0 {
			h.note("%s%s: %d lines were not understood and were passed over", st.proc.token, samplesSuffix, n)
		}
		st.samples.facts.close()
	}
	st.facts.close()
	st.slots.close()
	for _, c := range st.forks { // forked, but the parent did not live to say so
		c.fork = st.forkPoint()
	}
	st.tasks = nil
}

func (st *spoolStream) entry(address uint64) *addressEntry {
	a := st.tasks[address]
	if a == nil {
		a = &addressEntry{}
		st.tasks[address] = a
	}
	return a
}

// incarnate makes the address stand for a new task.
func (st *spoolStream) incarnate(a *addressEntry) TaskID {
	st.last++
	a.task, a.ended = st.last, false
	return a.task
}

// byTask returns the entry of the task= of a fact, nil if it has none.
func (st *spoolStream) byTask(words string) *addressEntry {
	hex, ok := strings.CutPrefix(rawField(words, "task"), "@")
	address, err := strconv.ParseUint(hex, 16, 64)
	if !ok || err != nil || address == 0 {
		return nil
	}
	return st.entry(address &^ 15)
}

// alive returns the task of an address that does something: a new one if its birth was not observed.
func (st *spoolStream) alive(a *addressEntry) TaskID {
	if a.task == 0 || a.ended {
		return st.incarnate(a)
	}
	return a.task
}

// addressed returns the task that a fact speaks of, which may have ended.
func (st *spoolStream) addressed(address uint64) TaskID {
	if address == 0 {
		return 0
	}
	a := st.entry(address &^ 15)
	if a.task == 0 {
		st.incarnate(a)
	}
	return a.task
}

// fact makes an event of a fact.
func (st *spoolStream) fact(f fact, e *Event) bool {
	if f.kind == unknownFact {
		return false
	}
	*e = Event{Stream: st.proc.id}
	decodeFact(f, e, st.addressed)
	st.advance(e.Time)
	switch e.Kind {
	case taskNamed:
		if a := st.byTask(f.rest); a != nil {
			a.text, a.named = e.Name, namedByText
		}
		return false
	case ProcessStarted:
		st.numbered = e.Attrs.Get("lanes") == "task"
		if st.proc.parent != nil {
			e.Attrs = append(e.Attrs, Attr{"parent_stream", strconv.Itoa(int(st.proc.parent.id))})
		}
	case ProcessForked:
		st.forked(e.Attrs)
	case RunBegun:
		st.running[e.Thread] = append(st.running[e.Thread], e.Loop)
		st.lastRun = append(st.lastRun, e.Loop)
	case RunEnded:
		st.running[e.Thread] = pop(st.running[e.Thread])
		st.lastRun = pop(st.lastRun)
	}
	return true
}

func pop(list []LoopID) []LoopID {
	if len(list) == 0 {
		return list
	}
	return list[:len(list)-1]
}

// loopOf returns the loop that runs on a thread.
func (st *spoolStream) loopOf(thread ThreadID) LoopID {
	list := st.running[thread]
	if thread == 0 && len(list) == 0 {
		list = st.lastRun
	}
	for i := len(list) - 1; i >= 0; i-- {
		if list[i] != 0 { // asyncio.run() has none yet when it begins
			return list[i]
		}
	}
	return 0
}

// advance notes the time of a timed event. A child whose fork the parent did not report was forked before it started.
func (st *spoolStream) advance(t int64) {
	if len(st.forks) > 0 && t > st.forks[0].started && st.forks[0].started != 0 {
		st.forks[0].fork = st.forkPoint()
		st.forks = st.forks[1:]
	}
	if t > 0 {
		st.time = t
	}
}

// forked notes what the child inherits: the one that names this fork, or that has the pid.
func (st *spoolStream) forked(attrs Attrs) {
	fork, child := attrs.Get("fork"), attrs.Get("child")
	i := slices.IndexFunc(st.forks, func(c *spoolProcess) bool {
		if c.forkID != "" && fork != "" {
			return c.forkID == fork && (c.parentID == "" || c.parentID == st.proc.token)
		}
		return child != "" && strconv.Itoa(c.pid) == child
	})
	if i >= 0 {
		st.forks[i].fork = st.forkPoint()
		st.forks = slices.Delete(st.forks, i, i+1)
	}
}

func (st *spoolStream) forkPoint() *forkPoint {
	p := &forkPoint{loops: map[ThreadID][]LoopID{}, last: slices.Clone(st.lastRun)}
	for address, a := range st.tasks {
		if a.task != 0 && !a.ended {
			p.live = append(p.live, inherited{address, a.task})
		}
	}
	slices.SortFunc(p.live, func(a, b inherited) int { return int(a.task) - int(b.task) })
	for thread, list := range st.running {
		p.loops[thread] = slices.Clone(list)
	}
	return p
}
