package analyze

import "github.com/looptrace/looptrace/recorder/tracefile"

func (p *proc) closeBegun(e *tracefile.Event) {
	l := p.loop(e.Loop)
	if l.id == 0 { // no recorder writes that
		return
	}
	th := p.thread(e.Thread)
	c := &Close{
		Loop:          l.pub,
		Process:       p.pub,
		TimeNS:        p.b.rel(e.Time),
		Implicit:      isSet(e, "implicit"),
		Thread:        p.threadName(th.id),
		Task:          p.public(e.Task, l),
		Signal:        signalOf(e, th),
		Stack:         p.stack(e.Stack).list(),
		Running:       isSet(e, "running"),
		RunningThread: p.threadText(e.Attrs.Get("running_thread")),
		OtherProcess:  isSet(e, "pid_differs"),
		Expected:      e.Attrs.Get("expected"),
		Handling:      p.handling(e),
		Before:        l.ended,
	}
	c.Function = e.Attrs.Get("function")
	c.At = caller(c.Stack, "close", l.pub.Class)
	if isSet(e, "closed") {
		c.Outcome = "noop" // until the end says so
	}
	l.pub.Closes = append(l.pub.Closes, c)
	l.closes = append(l.closes, c)
	p.b.run.Closes = append(p.b.run.Closes, c)
	p.beginLive(&liveSet{list: &c.Live, loop: l, thread: th, timeNS: e.Time, partial: c.Outcome == "noop"})
}

func (p *proc) closeEnded(e *tracefile.Event) {
	l := p.loop(e.Loop)
	n := len(l.closes)
	if n == 0 {
		return
	}
	c := l.closes[n-1]
	l.closes = l.closes[:n-1]
	p.endLive(l.live)
	c.Outcome = e.Attrs.Get("outcome")
	if c.Outcome == "closed" && l.pub.ClosedBy == nil {
		l.pub.ClosedBy = c
	}
}

func (p *proc) handling(e *tracefile.Event) *Handling {
	typ := e.Attrs.Get("handling")
	if typ == "" {
		return nil
	}
	s := p.stackAttr(e, "handling_stack")
	return &Handling{Type: typ, Context: fields(e.Attrs.Get("handling_context")), Stack: s.list(), At: s.user()}
}
