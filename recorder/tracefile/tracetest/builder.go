// Package tracetest makes traces for tests and benchmarks. Only tests import it.
package tracetest

import (
	"io"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// Trace is a tracefile.Source in memory. Its zero value is empty; fill it before the first Next.
type Trace struct {
	Info    tracefile.RunInfo
	Missing tracefile.Health // what the source says is missing; Events is counted
	streams []*Stream
	at, pos int
	event   tracefile.Event
	count   uint64
}

// Stream is one stream of a Trace: its events, and the definitions they refer to.
type Stream struct {
	id     tracefile.StreamID
	events []tracefile.Event
	stacks [][]tracefile.Frame
	sites  []tracefile.Site
	chains []tracefile.Chain
}

// Stream begins the next stream; the first one is 1.
func (t *Trace) Stream() *Stream {
	s := &Stream{id: tracefile.StreamID(len(t.streams) + 1)}
	t.streams = append(t.streams, s)
	return s
}

// Add adds an event; its Stream is set.
func (s *Stream) Add(e tracefile.Event) {
	e.Stream = s.id
	s.events = append(s.events, e)
}

// Stack defines a stack.
func (s *Stream) Stack(frames ...tracefile.Frame) tracefile.StackID {
	s.stacks = append(s.stacks, frames)
	return tracefile.StackID(len(s.stacks))
}

// Site defines a spawn site.
func (s *Stream) Site(site tracefile.Site) tracefile.SiteID {
	s.sites = append(s.sites, site)
	return tracefile.SiteID(len(s.sites))
}

// Chain defines an await chain.
func (s *Stream) Chain(c tracefile.Chain) tracefile.ChainID {
	s.chains = append(s.chains, c)
	return tracefile.ChainID(len(s.chains))
}

// Next returns the next event.
func (t *Trace) Next() (*tracefile.Event, error) {
	for t.at < len(t.streams) {
		s := t.streams[t.at]
		if t.pos < len(s.events) {
			t.event = s.events[t.pos]
			t.pos++
			t.count++
			return &t.event, nil
		}
		if t.at == len(t.streams)-1 {
			break
		}
		t.at, t.pos = t.at+1, 0
	}
	return nil, io.EOF
}

// Rewind starts over.
func (t *Trace) Rewind() { t.at, t.pos, t.count = 0, 0, 0 }

// Stack returns a stack of the current stream.
func (t *Trace) Stack(id tracefile.StackID) []tracefile.Frame {
	return get(t.streams[t.at].stacks, int(id))
}

// Site returns a spawn site of the current stream.
func (t *Trace) Site(id tracefile.SiteID) tracefile.Site { return get(t.streams[t.at].sites, int(id)) }

// Chain returns an await chain of the current stream.
func (t *Trace) Chain(id tracefile.ChainID) tracefile.Chain {
	return get(t.streams[t.at].chains, int(id))
}

func get[T any](list []T, id int) (zero T) {
	if id < 1 || id > len(list) {
		return zero
	}
	return list[id-1]
}

// Run returns Info.
func (t *Trace) Run() tracefile.RunInfo { return t.Info }

// Health returns Missing with the number of events so far.
func (t *Trace) Health() tracefile.Health {
	h := t.Missing
	h.Events = t.count
	h.Notes = slices.Clone(h.Notes)
	return h
}

// Lines returns a source's events as lines of text, each with everything it refers to spelled out, so that two traces can
// be compared whatever the ids of their definitions are.
func Lines(src tracefile.Source) ([]string, error) {
	var lines []string
	for {
		e, err := src.Next()
		if err == io.EOF {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
		lines = append(lines, Line(e, src))
	}
}

// Line returns one of the lines of Lines.
func Line(e *tracefile.Event, src tracefile.Source) string {
	var b strings.Builder
	c := *e
	c.Site, c.Stack, c.Chain = 0, 0, 0
	b.WriteString(format("%d ", e.Stream))
	b.Write(tracefile.AppendText(nil, &c, 0))
	if e.Site != 0 {
		s := src.Site(e.Site)
		b.WriteString(format(" site{%q %+v %+v}", s.Coro, s.Def, src.Stack(s.Stack)))
	}
	if e.Stack != 0 {
		b.WriteString(format(" stack%+v", src.Stack(e.Stack)))
	}
	if e.Chain != 0 {
		b.WriteString(format(" chain%+v", src.Chain(e.Chain)))
	}
	return b.String()
}
