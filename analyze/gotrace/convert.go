package gotrace

import (
	"strconv"

	"github.com/looptrace/looptrace/recorder/tracefile"
	"golang.org/x/exp/trace"
)

// The loops of a Go process.
const (
	loopGoroutines = 1
	loopUserTasks  = 2
	firstOwnLoop   = 3 // those of a recorder that mirrors them into the trace
)

// settings are Options and what Open knows of the file.
type settings struct {
	Options
	text tracefile.FrameText
	// attached says that the trace belongs to the records of a run: what a recorder tells the trace of its loops and tasks
	// is passed over, for its records tell of them.
	attached bool
	hit      []bool // which of CloseFuncs were seen, in all traces of the run
	// origin is what moments are relative to; 0: the first event.
	origin int64
	// Ids begin above these: of tasks, loops, and of stacks, sites and chains.
	first tracefile.TaskID
	loops tracefile.LoopID
	defs  uint32
}

// converter turns the events of package trace, which must be handed over in order, into those of tracefile. It knows all
// goroutines that are live.
type converter struct {
	settings
	stacks  *stacks
	gs      *goroutines
	inCall  map[trace.ProcID]*goroutine // in a system call, for which they keep their P
	lastID  tracefile.TaskID
	now     int64 // time of the event that is being converted
	from    int64 // of the first one
	out     []tracefile.Event
	events  uint64  // converted so far
	at      []int64 // moments still to come, in order
	moments moments
	users   userTasks
	tests   tests
	// unplaced counts goroutines that are older than the trace, of which it did not say where they are, and that did nothing yet.
	unplaced int
}

func newConverter(s settings) *converter {
	c := &converter{
		settings: s,
		stacks:   newStacks(s),
		gs:       newGoroutines(),
		inCall:   map[trace.ProcID]*goroutine{},
		lastID:   s.first,
	}
	c.users.init()
	return c
}

// emit appends an event.
func (c *converter) emit(e tracefile.Event) {
	e.Time, e.Stream = c.now, 1
	if c.defs != 0 {
		e = c.above(e)
	}
	c.out = append(c.out, e)
}

// above raises the ids in an event.
func (c *converter) above(e tracefile.Event) tracefile.Event {
	if e.Stack != 0 {
		e.Stack += tracefile.StackID(c.defs)
	}
	if e.Site != 0 {
		e.Site += tracefile.SiteID(c.defs)
	}
	if e.Chain != 0 {
		e.Chain += tracefile.ChainID(c.defs)
	}
	if e.Loop != 0 {
		e.Loop += c.loops
	}
	return e
}

func (c *converter) newTask() tracefile.TaskID {
	c.lastID++
	return c.lastID
}

// event converts one event; ended is the user task that ends with it, for ev must not be asked for that: see ahead.
func (c *converter) event(ev *trace.Event, ended trace.TaskID) {
	kind := ev.Kind()
	if t := int64(ev.Time()); t > c.now {
		c.reach(t)
		c.now = t
	}
	if kind == trace.EventSync {
		c.stacks.forget()
		return
	}
	c.events++
	g := c.actor(ev)
	stack := c.stacks.id(ev.Stack())
	if g != nil {
		if g.user != nil {
			c.settleUserTask(g, ev)
		}
		if stack != 0 {
			c.seenAt(g, ev, stack)
		}
	}
	switch kind {
	case trace.EventStateTransition:
		c.transition(ev, g, stack)
	case trace.EventTaskBegin:
		c.userTaskBegun(ev, g, stack)
	case trace.EventTaskEnd:
		c.userTaskEnded(ended)
	case trace.EventRegionBegin, trace.EventRegionEnd:
		c.region(ev, g)
	case trace.EventLog:
		c.logged(ev, g, stack)
	}
}

// actor returns the goroutine that an event happened on, nil if it happened on none.
func (c *converter) actor(ev *trace.Event) *goroutine {
	if id := ev.Goroutine(); id != trace.NoGoroutine {
		return c.gs.get(id)
	}
	return nil
}

// seenAt takes in that a goroutine was at a stack.
func (c *converter) seenAt(g *goroutine, ev *trace.Event, stack tracefile.StackID) {
	if g.runs || c.tests.starts[g.task] {
		c.guessTest(g, ev, stack)
	}
	closing := c.stacks.closing(stack)
	if begun := closing &^ g.closing; begun != 0 {
		c.closes(g, begun, stack)
	}
	g.closing = closing
}

func (c *converter) transition(ev *trace.Event, actor *goroutine, stack tracefile.StackID) {
	tr := ev.StateTransition()
	switch tr.Resource.Kind {
	case trace.ResourceProc:
		if _, to := tr.Proc(); to == trace.ProcIdle {
			c.procIdle(tr.Resource.Proc())
		}
	case trace.ResourceGoroutine:
		from, to := tr.Goroutine()
		id := tr.Resource.Goroutine()
		g := c.gs.get(id)
		switch {
		case from == trace.GoNotExist:
			c.created(ev, &tr, g, actor, stack)
		case g == nil:
			if to != trace.GoNotExist && to != trace.GoUndetermined {
				at := c.stacks.whole(c.stacks.id(tr.Stack))
				c.older(older{id: id, state: to, proc: ev.Proc(), stack: at, first: at})
			}
		case to == trace.GoUndetermined, from == trace.GoUndetermined && to == g.state:
		default:
			if from != to { // else it is stated once more, at the start of a generation
				c.place(g)
			}
			c.moved(ev, &tr, g, to, stack)
		}
	}
}

// place takes in that a goroutine does something: from then on the trace tells where it is.
func (c *converter) place(g *goroutine) {
	if g.unplaced {
		g.unplaced = false
		c.unplaced--
	}
}

// maxProc bounds the number of a P, so that a damaged trace cannot make us keep more.
const maxProc = 1 << 16

// thread returns the number of a P as that of a thread; 0: none.
func thread(p trace.ProcID) tracefile.ThreadID {
	if p < 0 || p > maxProc {
		return 0
	}
	return tracefile.ThreadID(p) + 1
}

// created takes in a goroutine that a go statement made, or that is one of C.
func (c *converter) created(ev *trace.Event, tr *trace.StateTransition, g, actor *goroutine, stack tracefile.StackID) {
	if g != nil {
		c.end(g)
	}
	g = c.gs.add(tr.Resource.Goroutine())
	g.task = c.newTask()
	start := c.stacks.id(tr.Stack)
	e := tracefile.Event{
		Kind: tracefile.TaskSpawned, Thread: thread(ev.Proc()), Task: g.task, Loop: loopGoroutines,
		Site: c.stacks.site(stack, start), Name: g.name(),
	}
	if actor != nil {
		e.Number = uint64(actor.task)
	}
	c.emit(e)
	if actor != nil {
		g.test = actor.test
	}
	c.startsTest(g, c.stacks.start(start).Qualname)
	_, g.state = tr.Goroutine()
	g.since = c.now
	switch g.state {
	case trace.GoWaiting:
		c.suspend(g, start, "")
	case trace.GoSyscall:
		g.ran = true
	}
}

// older takes in a goroutine that the trace did not tell of before: it is older than it.
func (c *converter) older(o older) {
	g := c.gs.add(o.id)
	g.task = c.newTask()
	g.state, g.stack, g.since, g.least, g.ran = o.state, o.stack, c.now, true, true
	e := tracefile.Event{Kind: tracefile.TaskWaiting, Task: g.task, Name: g.name()}
	switch {
	case o.state == trace.GoWaiting || o.state == trace.GoSyscall:
		g.on = c.onOf(g, "", o.stack)
		e.Chain = c.stacks.chainOf(o.stack, "suspended", string(g.on))
	case o.state == trace.GoRunnable && o.stack != 0:
		e.Chain = c.stacks.chainOf(o.stack, "suspended", "")
	case o.first != 0: // all that is known is where it began
		e.Chain = c.stacks.beginning(o.first, o.id == 1)
	}
	if o.first == 0 && o.state == trace.GoWaiting {
		c.unplaced++
		g.unplaced = true
	}
	c.emit(e)
	c.startsTest(g, c.stacks.start(o.first).Qualname)
	if o.stack != 0 && c.tests.starts[g.task] {
		c.guessTest(g, nil, o.stack)
	}
	if o.state == trace.GoRunning {
		c.begin(g, o.proc)
	}
}

// onOf says what a goroutine that is not running waits for.
func (c *converter) onOf(g *goroutine, reason string, stack tracefile.StackID) wait {
	on := c.stacks.onAt(reason, stack)
	if g.state == trace.GoSyscall && on != onForever {
		return onSyscall
	}
	return on
}

// moved takes in that a known goroutine changes its state.
func (c *converter) moved(ev *trace.Event, tr *trace.StateTransition, g *goroutine, to trace.GoState, stack tracefile.StackID) {
	was := g.state
	if was == trace.GoSyscall && to != trace.GoSyscall {
		c.leaveCall(g)
	}
	g.state = to
	switch to {
	case trace.GoRunning:
		if !g.open {
			c.begin(g, ev.Proc())
		}
	case trace.GoWaiting:
		if was == trace.GoWaiting {
			c.restated(g, c.stacks.id(tr.Stack))
			return
		}
		if !ofProgram(tr.Reason) {
			c.yield(g, stack)
			return
		}
		c.suspend(g, stack, tr.Reason)
	case trace.GoRunnable:
		switch was {
		case trace.GoWaiting, trace.GoSyscall:
			c.woken(ev, g)
		case trace.GoRunning:
			c.yield(g, stack)
		}
	case trace.GoSyscall:
		if was == trace.GoSyscall {
			c.restated(g, c.stacks.id(tr.Stack))
			return
		}
		g.stack, g.since, g.least, g.proc = stack, c.now, false, ev.Proc()
		g.on = c.onOf(g, "", stack)
		if g.open && g.proc != trace.NoProc {
			c.inCall[g.proc] = g
		}
	case trace.GoNotExist:
		c.end(g)
	}
}

// restated takes in where a goroutine is suspended that a later generation tells of again. It has not moved; but traces from
// before Go 1.23 may not have told where it is.
func (c *converter) restated(g *goroutine, stack tracefile.StackID) {
	if stack == 0 || g.stack != 0 {
		return
	}
	g.stack = stack
	if g.on == "" {
		g.on = c.onOf(g, "", stack)
	}
	c.emit(tracefile.Event{Kind: tracefile.TaskWaiting, Task: g.task, Name: g.name(), Chain: g.chain(c.stacks)})
}

// begin begins a step.
func (c *converter) begin(g *goroutine, proc trace.ProcID) {
	g.ran, g.open, g.thread = true, true, thread(proc)
	c.emit(tracefile.Event{Kind: tracefile.StepBegun, Thread: g.thread, Task: g.task})
}

// suspend ends the step of a goroutine that waits from now on.
func (c *converter) suspend(g *goroutine, stack tracefile.StackID, reason string) {
	g.state, g.stack, g.since, g.least = trace.GoWaiting, stack, c.now, false
	if g.on = c.onOf(g, reason, stack); reason == "" && stack == 0 {
		g.on = onCoroutine // switches to the other side of a coroutine tell neither
	}
	c.stop(g, g.chain(c.stacks))
}

// yield ends the step of a goroutine that can go on at any time.
func (c *converter) yield(g *goroutine, stack tracefile.StackID) {
	g.stack, g.on, g.since, g.least = stack, "", c.now, false
	if g.open {
		c.stop(g, 0)
	}
}

func (c *converter) stop(g *goroutine, chain tracefile.ChainID) {
	c.emit(tracefile.Event{Kind: tracefile.StepEnded, Thread: g.thread, Task: g.task, Chain: chain})
	g.open = false
}

// woken takes in that what a goroutine waits for has come.
func (c *converter) woken(ev *trace.Event, g *goroutine) {
	if g.open { // a system call that lost its P, of which nothing was told
		c.stop(g, c.stacks.chainOf(g.stack, "suspended", string(g.on)))
	}
	e := tracefile.Event{Kind: tracefile.TaskWoken, Task: g.task}
	if by := ev.Goroutine(); by != trace.NoGoroutine && by != g.id {
		e.Thread = thread(ev.Proc())
	}
	c.emit(e)
}

// procIdle takes in that a P is taken from a system call that takes long: only now the step has ended.
func (c *converter) procIdle(p trace.ProcID) {
	g := c.inCall[p]
	if g == nil {
		return
	}
	delete(c.inCall, p)
	g.proc = trace.NoProc
	if g.open && g.state == trace.GoSyscall {
		c.stop(g, c.stacks.chainOf(g.stack, "suspended", string(g.on)))
	}
}

func (c *converter) leaveCall(g *goroutine) {
	if g.proc != trace.NoProc && c.inCall[g.proc] == g {
		delete(c.inCall, g.proc)
	}
	g.proc = trace.NoProc
}

// end takes in that a goroutine ended.
func (c *converter) end(g *goroutine) {
	e := tracefile.Event{Kind: tracefile.TaskEnded, Task: g.task, Number: tracefile.OutcomeReturned}
	if g.open {
		e.Thread = g.thread
	}
	c.emit(e)
	c.leaveCall(g)
	c.tests.ended(g)
	c.gs.drop(g)
}

// id returns the decimal digits of an id, as attributes have them.
func id[T ~uint32 | ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }
