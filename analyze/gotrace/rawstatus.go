package gotrace

import "fmt"

// status takes in the state in which a goroutine was when the generation began, or when it was first mentioned in it.
func (w *rawWalk) status(m *rawM, e *rawEvent) error {
	g, err := w.gs.get(e.args[0])
	if err != nil {
		return err
	}
	state, err := stateOfStatus(e.args[2])
	if err != nil || g.stated {
		return fmt.Errorf("status of goroutine %d: %w", g.id, errRaw)
	}
	g.stated = true
	untouched := g.seq == 0 && !g.moved
	if untouched {
		g.state = state
	}
	g.first, g.firstProc = state, m.proc
	if e.kind == rawGoStatusStack {
		if g.statedStack, err = small(e.args[3]); err != nil {
			return err
		}
	}
	switch state {
	case rawRunning:
		w.carriedOn(m, g, false)
	case rawInCall:
		if e.args[1] == m.id {
			w.carriedOn(m, g, true)
			break
		}
		w.callOn(e.args[1], g)
	}
	return nil
}

// carriedOn binds a goroutine to the M that runs it since before the generation.
func (w *rawWalk) carriedOn(m *rawM, g *rawG, inCall bool) {
	m.g, m.known, m.seq, m.begun, m.inCall, m.callAt, m.lostP = g, true, 0, 0, inCall, 0, 0
	m.open = !inCall || !w.first
	g.proc = m.proc
	if w.first && !inCall {
		g.steps++
	}
}

// callOn binds a goroutine to an M, of which another one tells that it is in a system call.
func (w *rawWalk) callOn(id uint64, g *rawG) {
	m := w.ms[id]
	if m == nil {
		m = &rawM{id: id, proc: -1}
		w.ms[id] = m
	}
	if !m.known {
		w.carriedOn(m, g, true)
		return
	}
	if h := m.head; h != nil { // M id was read before: what happened to its goroutine is in head
		g.adopt(h)
		for i := range w.calls {
			if w.calls[i].g == h {
				w.calls[i].g = g
			}
		}
		if m.g == h {
			m.g = g
		}
		m.head = nil
	}
}

// adopt takes over what is known of the same goroutine under no name.
func (g *rawG) adopt(h *rawG) {
	g.steps += h.steps
	g.busy += h.busy
	g.endAt = max(g.endAt, h.endAt)
	g.firstStack, g.firstSeq = h.firstStack, h.firstSeq
	if h.moved && h.seq >= g.seq {
		g.state, g.proc, g.wokenAt = h.state, h.proc, h.wokenAt
	}
	g.moved = g.moved || h.moved
	if h.stop != rawNoStop && h.stopSeq >= g.stopSeq {
		g.stop, g.stopAt, g.stopSeq, g.reason, g.stack, g.callEnd = h.stop, h.stopAt, h.stopSeq, h.reason, h.stack, h.callEnd
	}
	g.goneAt = max(g.goneAt, h.goneAt)
}
