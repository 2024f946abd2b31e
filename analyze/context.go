package analyze

import "github.com/looptrace/looptrace/recorder/tracefile"

// maxRepeats is how many refused calls, handled exceptions and signals are kept of one process.
const maxRepeats = 1000

func (p *proc) signalReceived(e *tracefile.Event) {
	l := p.knownLoop(e.Loop)
	n := int(e.Number)
	if n == 0 {
		n = int(number(e.Attrs.Get("number")))
	}
	arrived := isSet(e, "arrived")
	if !arrived {
		th := p.thread(e.Thread)
		if e.Thread == 0 && l != nil && l.thread != nil {
			th = l.thread
		}
		th.signal = n
	}
	if len(p.pub.Signals) >= maxRepeats {
		p.omitted++
	} else {
		p.pub.Signals = append(p.pub.Signals, Signal{TimeNS: p.b.rel(e.Time), Number: n, Name: text(e, "name", e.Name), Loop: l.facts(), Arrived: arrived, Inherited: isSet(e, "inherited")})
	}
}

// signalOf returns the number of the signal whose handler is running on the thread, 0 if none is.
func signalOf(e *tracefile.Event, th *thread) int {
	if n := number(e.Attrs.Get("signal")); n != 0 {
		return int(n)
	}
	return th.signal
}

func (p *proc) loopUsedClosed(e *tracefile.Event) {
	if len(p.pub.Uses) >= maxRepeats {
		p.omitted++
		return
	}
	l := p.knownLoop(e.Loop)
	s := p.stack(e.Stack)
	p.pub.Uses = append(p.pub.Uses, UseAfterClose{
		TimeNS:    p.b.rel(e.Time),
		Loop:      l.facts(),
		Call:      e.Attrs.Get("call"),
		Thread:    p.threadName(e.Thread),
		Task:      p.public(e.Task, l),
		Stack:     s.list(),
		At:        p.callerOf(s, e.Attrs.Get("call"), l),
		Finalizer: isSet(e, "finalizer"),
		Expected:  e.Attrs.Get("expected"),
	})
}

// callerOf is caller for a loop that may not be known.
func (p *proc) callerOf(s *stack, method string, l *loop) *Frame {
	class := ""
	if l != nil {
		class = l.pub.Class
	}
	return caller(s.list(), method, class)
}

func (p *proc) runRefused(e *tracefile.Event) {
	if len(p.pub.Refusals) >= maxRepeats {
		p.omitted++
		return
	}
	l := p.knownLoop(e.Loop)
	s := p.stack(e.Stack)
	api := e.Attrs.Get("api")
	p.pub.Refusals = append(p.pub.Refusals, RunRefusal{
		TimeNS:   p.b.rel(e.Time),
		Loop:     l.facts(),
		Other:    p.knownLoop(tracefile.LoopID(number(e.Attrs.Get("other")))).facts(),
		API:      api,
		Reason:   e.Attrs.Get("reason"),
		Expected: e.Attrs.Get("expected"),
		Message:  e.Attrs.Get("message"),
		Thread:   p.threadName(e.Thread),
		Task:     p.public(e.Task, nil),
		Stack:    s.list(),
		At:       p.callerOf(s, lastPart(api), l),
	})
}

// maxWaits is how many returns of asyncio.wait() are kept of one loop and call site; the last ones, because those tell who
// let go of the tasks that are left.
const maxWaits = 64

// wait is one return of asyncio.wait() that may still be forgotten.
type wait struct {
	facts WaitReturned
	left  []*task
}

// waitKey is what returns of asyncio.wait() have in common when one may stand for the other.
type waitKey struct {
	stack    *stack
	timedOut bool
}

func (p *proc) waitReturned(e *tracefile.Event) {
	l := p.loop(e.Loop)
	s := p.stack(e.Stack)
	w := wait{facts: WaitReturned{
		TimeNS: p.b.rel(e.Time), TimedOut: isSet(e, "timed_out"), Stack: s.list(), At: s.user(),
	}}
	if t := p.task(e.Task, l); t != nil {
		w.facts.Caller = t.public()
	}
	for _, id := range fields(e.Attrs.Get("tasks")) {
		if t := p.task(tracefile.TaskID(number(id)), l); t != nil && t.outcome == 0 {
			t.refs++
			w.left = append(w.left, t)
		}
	}
	if l.waits == nil {
		l.waits = map[waitKey]*[]wait{}
	}
	key := waitKey{s, w.facts.TimedOut}
	list := l.waits[key]
	if list == nil {
		list = new([]wait)
		l.waits[key] = list
		l.waitList = append(l.waitList, list)
	}
	if len(*list) == maxWaits {
		for _, t := range (*list)[0].left {
			if p.b.release(t) {
				p.b.fold(t)
			}
		}
		*list = append((*list)[:0], (*list)[1:]...)
	}
	*list = append(*list, w)
}
