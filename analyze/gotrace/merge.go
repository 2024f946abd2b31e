package gotrace

import (
	"errors"
	"fmt"
	"io"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// Ids of an attached Go trace begin above those of the records that it belongs to. The first ones are as low as may be, for
// tables go by them.
const (
	defsAbove  = 1 << 30
	tasksAbove = 1 << 27
	loopsAbove = 1 << 20
)

// merged is a trace with the Go execution traces that are attached to its streams: each stream has the events of both, in
// order of time.
type merged struct {
	*tracefile.File
	settings settings
	attached map[tracefile.StreamID]tracefile.Attachment
	base     *tracefile.Event // of File that is to come; nil: not read yet, or at the end
	err      error            // of File
	stream   tracefile.StreamID
	pid      string  // of its process
	side     *source // of stream; nil: it has none
	event    *tracefile.Event
	live     []tracefile.Event // that follow the end of a process
	health   tracefile.Health
	out      tracefile.Event
	ended    bool
}

// merge opens what is attached to the streams of a trace. A trace to which nothing is attached is returned as it is.
func merge(f *tracefile.File, s settings) *tracefile.File {
	s.hit = make([]bool, len(s.CloseFuncs))
	m := &merged{File: f, settings: s, attached: map[tracefile.StreamID]tracefile.Attachment{}}
	for _, a := range f.Attachments() {
		if a.Kind == tracefile.AttachedGoTrace {
			m.attached[a.Stream] = a
		}
	}
	if len(m.attached) == 0 {
		return f
	}
	return tracefile.NewFile(m, f.Path, f.Format, func() error {
		m.drop()
		return f.Close()
	})
}

// Next returns the next event of the stream, from whichever it comes first.
func (m *merged) Next() (*tracefile.Event, error) {
	if len(m.live) > 0 {
		m.out, m.live = m.live[0], m.live[1:]
		return m.count(&m.out)
	}
	if m.base == nil && m.err == nil {
		m.base, m.err = m.File.Next()
	}
	if m.err != nil && !errors.Is(m.err, io.EOF) {
		return nil, m.err
	}
	if m.side != nil && m.event == nil {
		m.event, _ = m.side.Next() // it has no error but io.EOF
		if m.event == nil {
			m.leave()
		}
	}
	if m.event != nil && (m.base == nil || m.base.Stream != m.stream || m.event.Time < m.base.Time) {
		e := m.event
		m.event = nil
		e.Stream = m.stream
		return m.count(e)
	}
	if m.base == nil {
		m.end()
		return nil, io.EOF
	}
	return m.take()
}

// take returns the next event of the records.
func (m *merged) take() (*tracefile.Event, error) {
	e := m.base
	if e.Stream != m.stream {
		m.enter(e)
	}
	m.base = nil
	if e.Kind == tracefile.ProcessEnding && m.conv() != nil {
		m.missing(e)
		m.live = m.conv().ending(e, m.stream)
	}
	return m.count(e)
}

func (m *merged) count(e *tracefile.Event) (*tracefile.Event, error) {
	m.health.Events++
	return e, nil
}

// conv returns what knows the goroutines of the stream, also when its trace is at its end.
func (m *merged) conv() *converter {
	if m.side == nil {
		return nil
	}
	return m.side.conv
}

// enter begins a stream with its first event, which says what process it is of.
func (m *merged) enter(e *tracefile.Event) {
	m.drop()
	m.stream, m.pid, m.event = e.Stream, e.Attrs.Get("pid"), nil
	a, ok := m.attached[e.Stream]
	if !ok {
		return
	}
	s := m.settings
	s.attached, s.defs, s.origin = true, defsAbove, m.File.Run().StartedNS
	if e.Attrs.Get("recorder") != "runtime/trace" {
		s.first, s.loops = tasksAbove, loopsAbove
	}
	side, err := newSource(a, a.Size, s)
	if err != nil {
		m.health.Truncated = true
		m.health.Notes = append(m.health.Notes, fmt.Sprintf("process %s: its Go execution trace cannot be read: %v", m.pid, err))
		return
	}
	m.side = side
	e.Attrs = side.describe(e.Attrs)
}

// drop ends the reading of the Go trace of the stream.
func (m *merged) drop() {
	if m.side != nil {
		m.side.close()
	}
	m.side = nil
}

// leave takes in that the Go trace of the stream is at its end.
func (m *merged) leave() {
	if m.side.told {
		return
	}
	m.side.told = true
	h := m.side.Health()
	m.health.Truncated = m.health.Truncated || h.Truncated
	for _, note := range h.Notes {
		m.health.Notes = append(m.health.Notes, "process "+m.pid+": "+note)
	}
}

// end takes in that all has been read.
func (m *merged) end() {
	if !m.ended {
		m.ended = true
		m.health.Notes = append(m.health.Notes, unseen(m.settings.CloseFuncs, m.settings.hit)...)
	}
}

// missing says how much of the time before the end of a process is not in its trace.
func (m *merged) missing(ending *tracefile.Event) {
	if m.event == nil && m.side.Health().Truncated && ending.Time > m.side.conv.now {
		m.health.Notes = append(m.health.Notes, fmt.Sprintf("process %s: the last %.6f s before its end are missing: what is live then is what was live before",
			m.pid, seconds(ending.Time-m.side.conv.now)))
	}
}

// Stack returns a definition of the records or of the Go trace.
func (m *merged) Stack(id tracefile.StackID) []tracefile.Frame {
	if m.side != nil && id > defsAbove && id < 2*defsAbove {
		return m.side.Stack(id)
	}
	return m.File.Stack(id)
}

// Site is like Stack.
func (m *merged) Site(id tracefile.SiteID) tracefile.Site {
	if m.side != nil && id > defsAbove && id < 2*defsAbove {
		return m.side.Site(id)
	}
	return m.File.Site(id)
}

// Chain is like Stack.
func (m *merged) Chain(id tracefile.ChainID) tracefile.Chain {
	if m.side != nil && id > defsAbove && id < 2*defsAbove {
		return m.side.Chain(id)
	}
	return m.File.Chain(id)
}

// Health is that of the records and of all Go traces that were read.
func (m *merged) Health() tracefile.Health {
	h := m.File.Health()
	h.Events = m.health.Events
	h.Truncated = h.Truncated || m.health.Truncated
	h.Notes = append(h.Notes[:len(h.Notes):len(h.Notes)], m.health.Notes...)
	return h
}

// describe adds to the start of a process what only its Go trace knows, unless the records say it.
func (s *source) describe(a tracefile.Attrs) tracefile.Attrs {
	for _, know := range s.started {
		if !a.Has(know.Key) {
			a = append(a[:len(a):len(a)], know)
		}
	}
	return a
}

// ending lists what is live as the process ends, as far as the trace was read.
func (c *converter) ending(e *tracefile.Event, stream tracefile.StreamID) []tracefile.Event {
	before := len(c.out)
	now := c.now
	c.now = max(c.now, e.Time)
	c.listLive(nil, 0)
	c.listUserTasks(0)
	list := append([]tracefile.Event(nil), c.out[before:]...)
	c.out, c.now = c.out[:before], now
	for i := range list {
		list[i].Stream = stream
	}
	return list
}
