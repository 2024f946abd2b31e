package analyze

import (
	"slices"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// LoopMismatch is a refused use, in one loop, of something that belongs to another.
type LoopMismatch struct {
	TimeNS      int64
	Loop, Other *Loop // where it was used, and whose it is; nil if not known
	Task        *Task // that used it
	Thread      string
	Object      string // type of what was used: "Lock", "Future"
	ObjectTask  *Task  // what was used, if it is a task
	Opened      []Frame
	OpenedAt    *Frame // where what was used was made; nil if that is not known
	Message     string // asyncio's words
	Stack       []Frame
	At          *Frame
}

// ForeignCall is a call that only the thread of the loop may make, from another thread; one stands for all of a stack.
type ForeignCall struct {
	TimeNS        int64
	Loop          *Loop
	Call          string // "call_soon", "call_at", "stop"
	Thread        string
	RunningThread string
	Task          *Task
	Stack         []Frame
	At            *Frame
	Count         int
	Refused       bool  // debug mode raised an error
	Asleep        bool  // the loop waited for I/O at that moment, and was not woken
	SleptNS       int64 // how long it slept on, at most; 0: not asleep
	Woke          bool  // false: nothing happened in its thread before the events end
}

// StoppedCall is a call_soon_threadsafe() on a loop that did not run at that moment.
type StoppedCall struct {
	TimeNS   int64
	Loop     *Loop
	Call     string // "call_soon_threadsafe", "run_coroutine_threadsafe"
	Callback string // qualified name of the callback, "" if it has none
	Thread   string
	Task     *Task
	Stack    []Frame
	At       *Frame
	// Inherited says that the loop is the parent's of this forked child.
	Inherited bool
}

// foreignKey is what repeats of a foreign call have in common.
type foreignKey struct {
	loop  *loop
	stack tracefile.StackID
	call  string
}

// sleepingCall is a foreign call that was made while the thread of the loop waited.
type sleepingCall struct {
	call  *ForeignCall
	since int64
}

func (p *proc) loopMismatch(e *tracefile.Event) {
	if len(p.pub.Mismatches) >= maxRepeats {
		p.omitted++
		return
	}
	l := p.knownLoop(e.Loop)
	s := p.stack(e.Stack)
	m := LoopMismatch{
		TimeNS:  p.b.rel(e.Time),
		Loop:    l.facts(),
		Other:   p.knownLoop(tracefile.LoopID(number(e.Attrs.Get("other")))).facts(),
		Task:    p.public(e.Task, l),
		Thread:  p.threadName(e.Thread),
		Object:  e.Attrs.Get("object"),
		Message: e.Attrs.Get("message"),
		Stack:   s.list(),
		At:      s.user(),
	}
	if id := number(e.Attrs.Get("object_task")); id != 0 {
		m.ObjectTask = p.public(tracefile.TaskID(id), nil)
	}
	m.At = lineIn(m.Task, m.At, m.Stack)
	opened := p.stackAttr(e, "opened_stack")
	m.Opened, m.OpenedAt = opened.list(), opened.user()
	p.pub.Mismatches = append(p.pub.Mismatches, m)
}

func (p *proc) foreignCall(e *tracefile.Event) {
	l := p.knownLoop(e.Loop)
	key := foreignKey{l, e.Stack, e.Attrs.Get("call")}
	c := p.foreign[key]
	if c == nil {
		if len(p.pub.ForeignCalls) >= maxRepeats {
			p.omitted++
			return
		}
		s := p.stack(e.Stack)
		c = &ForeignCall{
			TimeNS: p.b.rel(e.Time), Loop: l.facts(), Call: key.call, Thread: p.threadName(e.Thread),
			RunningThread: p.threadText(e.Attrs.Get("running_thread")), Task: p.public(e.Task, nil),
			Stack: s.list(), At: p.callerOf(s, key.call, l), Refused: isSet(e, "refused"),
		}
		if p.foreign == nil {
			p.foreign = map[foreignKey]*ForeignCall{}
		}
		p.foreign[key] = c
		p.pub.ForeignCalls = append(p.pub.ForeignCalls, c)
	}
	c.Count = max(c.Count, int(min(number(e.Attrs.Get("count")), 1<<31)), 1)
	if l == nil || c.Refused {
		return
	}
	th := l.thread
	if th == nil {
		th = p.thread(tracefile.ThreadID(number(e.Attrs.Get("running_thread"))))
	}
	if th.waiting {
		c.Asleep = true
		th.asleep = append(th.asleep, sleepingCall{c, e.Time})
		if !slices.Contains(p.sleepers, th) {
			p.sleepers = append(p.sleepers, th)
		}
	}
}

// wakes notes that a thread goes on after a wait: its loop sees what was asked of it meanwhile only now.
func (th *thread) wakes(now int64) {
	th.waiting = false
	for _, s := range th.asleep {
		s.call.slept(now-s.since, true)
	}
	th.asleep = th.asleep[:0]
}

func (c *ForeignCall) slept(ns int64, woke bool) {
	if !woke || ns > c.SleptNS {
		c.SleptNS, c.Woke = ns, woke
	}
}

// settleForeign ends the waits that lasted until the end of the process.
func (p *proc) settleForeign() {
	for _, th := range p.sleepers {
		for _, s := range th.asleep {
			s.call.slept(max(p.last-s.since, 1), false)
		}
		th.asleep = nil
	}
}

func (p *proc) stoppedLoopCall(e *tracefile.Event) {
	if len(p.pub.StoppedCalls) >= maxRepeats {
		p.omitted++
		return
	}
	l := p.knownLoop(e.Loop)
	s := p.stack(e.Stack)
	call := e.Attrs.Get("call")
	p.pub.StoppedCalls = append(p.pub.StoppedCalls, StoppedCall{
		TimeNS: p.b.rel(e.Time), Loop: l.facts(), Call: call, Callback: e.Attrs.Get("callback"),
		Thread: p.threadName(e.Thread), Task: p.public(e.Task, nil), Stack: s.list(), At: p.callerOf(s, call, l),
		Inherited: isSet(e, "inherited"),
	})
}
