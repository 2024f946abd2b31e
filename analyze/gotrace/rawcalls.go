package gotrace

import "slices"

// The kinds of events that say who has a P.
const (
	rawProcStart  rawKind = 10
	rawProcStop   rawKind = 11
	rawProcSteal  rawKind = 12
	rawProcStatus rawKind = 13
)

// procEvent takes in which P an M has. A goroutine in a system call keeps its step until the P is taken.
func (w *rawWalk) procEvent(m *rawM, e *rawEvent) {
	switch e.kind {
	case rawProcStart:
		m.proc = int64(e.args[0])
	case rawProcStop:
		m.proc = -1
		w.lose(m, e.time)
	case rawProcSteal:
		if from := e.args[2]; from == m.id {
			m.proc = -1
			w.lose(m, e.time)
		} else {
			w.steals[from] = append(w.steals[from], e.time)
		}
	case rawProcStatus:
		if e.args[1] == 1 || e.args[1] == 3 { // running, in a system call
			m.proc = int64(e.args[0])
		}
	}
}

// lose takes in that an M gives up its P in a system call.
func (w *rawWalk) lose(m *rawM, now uint64) {
	if m.g == nil || !m.inCall || m.lostP != 0 {
		return
	}
	m.lostP = now
	w.end(m, now)
}

// call takes in that a system call begins.
func (w *rawWalk) call(m *rawM, e *rawEvent) error {
	g, err := w.current(m)
	if err != nil {
		return err
	}
	m.inCall, m.callAt, m.lostP = true, e.time, 0
	if g.latest(m.seq) {
		g.state = rawInCall
	}
	return g.stopped(rawCalled, e.time, 0, e.args[1], m.seq)
}

// callEnd takes in that a system call returns: its goroutine goes on, or can if it gets a P.
func (w *rawWalk) callEnd(m *rawM, e *rawEvent) error {
	g, err := w.current(m)
	if err != nil {
		return err
	}
	blocked := e.kind == rawGoSyscallEndBlocked
	if g.latest(m.seq) {
		g.state = rawRunning
		if blocked {
			g.state, g.wokenAt = rawRunnable, e.time
		}
	}
	if blocked && g.stop == rawCalled && g.stopSeq == m.seq {
		g.callEnd = m.lostP
	}
	switch {
	case !blocked:
		m.inCall = false
		if !m.open && (m.g != m.head || w.first) {
			w.begin(m, e.time)
		}
		return nil
	case m.open || m.g == m.head && !w.first:
		w.calls = append(w.calls, rawCall{g: g, m: m.id, begun: m.begun, callAt: m.callAt, until: e.time})
	}
	m.g, m.inCall, m.open = nil, false, false
	return nil
}

// settleCalls says of the system calls during which another M took the P when that was.
func (w *rawWalk) settleCalls() {
	for i := range w.calls {
		c := &w.calls[i]
		if c.g.callEnd != 0 && c.last {
			continue
		}
		at := w.stolen(c)
		if at == 0 && !c.last {
			at = c.callAt // nothing tells of it
		}
		if at == 0 {
			continue
		}
		c.g.stepped(c.begun, at)
		if c.last {
			c.g.open = false
		}
		if c.g.stop == rawCalled && c.g.stopAt == c.callAt || c.g.stop == rawNoStop && c.callAt == 0 {
			c.g.callEnd = at
		}
	}
}

// stolen returns when the P was taken from the M of a system call; 0: it was not.
func (w *rawWalk) stolen(c *rawCall) uint64 {
	s := w.steals[c.m]
	i, _ := slices.BinarySearch(s, c.callAt)
	if i == len(s) || !c.last && s[i] > c.until {
		return 0
	}
	return s[i]
}
