package gotrace

import (
	"fmt"
	"io"
	"strings"

	"github.com/looptrace/looptrace/recorder/tracefile"
	"golang.org/x/exp/trace"
)

// source is a Go execution trace as a tracefile.Source of one stream.
type source struct {
	reader  *ahead
	conv    *converter
	next    int // of conv.out
	run     tracefile.RunInfo
	health  tracefile.Health
	done    bool
	told    bool            // see merged
	started tracefile.Attrs // of its process
}

// newSource reads the header and the first generation of a trace. An error says that it is none.
func newSource(r io.ReaderAt, size int64, s settings) (*source, error) {
	if s.LiveOnly {
		if src, err := newLiveSource(r, size, s); err == nil {
			return src, nil
		}
	}
	conv := newConverter(s)
	p, err := fastPrelude(r, size, conv.stacks)
	if err != nil {
		first, err := newReader(r, size)
		if err != nil {
			return nil, err
		}
		p = readPrelude(first, conv.stacks)
	}
	whole, err := newReader(r, size)
	if err != nil {
		return nil, err
	}
	conv.start(p)
	return &source{
		reader: readAhead(whole), conv: conv, started: p.attrs(), run: tracefile.RunInfo{StartedNS: p.begins, StartedAt: p.wall},
	}, nil
}

// Next returns the next event, io.EOF at the end or where the damage begins.
func (s *source) Next() (*tracefile.Event, error) {
	for s.next >= len(s.conv.out) {
		if s.done {
			return nil, io.EOF
		}
		s.conv.out, s.next = s.conv.out[:0], 0
		s.pull()
	}
	e := &s.conv.out[s.next]
	s.next++
	s.health.Events++
	return e, nil
}

// close ends the reading of a trace that was not read to its end.
func (s *source) close() {
	if s.reader != nil {
		s.reader.close()
	}
}

// pull converts the next event of the trace.
func (s *source) pull() {
	ev, ended, err := s.reader.event()
	if err == nil {
		if err = s.convert(ev, ended); err == nil {
			return
		}
	}
	s.done = true
	s.conv.finish()
	if err == io.EOF { // one that is wrapped is in the middle of something
		err = s.reader.behind
	}
	if err == nil && s.conv.events == 0 { // every trace tells at least who starts it
		err = errCut
	}
	if err != nil {
		s.health.Truncated = true
		s.health.Notes = append(s.health.Notes, s.lost(err))
	} else if s.conv.stacks.lost > 0 {
		s.health.Truncated = true
	}
	s.health.Notes = append(s.health.Notes, s.conv.notes()...)
}

// convert converts an event. What the reader does not check may make it panic when it is asked for.
func (s *source) convert(ev *trace.Event, ended trace.TaskID) (err error) {
	defer rescue(&err)
	s.conv.event(ev, ended)
	return nil
}

// finish ends the stream.
func (c *converter) finish() { c.finishUserTasks() }

// notes say what the trace does not tell. At its end.
func (c *converter) notes() []string {
	notes := c.momentNotes()
	if c.unplaced > 0 {
		notes = append(notes, notPlaced(c.unplaced))
	}
	if c.stacks.lost > 0 {
		notes = append(notes, fmt.Sprintf("%d stacks are missing in the trace: it is damaged or cut off", c.stacks.lost))
	}
	if c.stacks.tooMany {
		notes = append(notes, fmt.Sprintf("the trace has more than %d distinct stacks: the others are missing", maxStacks))
	}
	return notes
}

func (s *source) Stack(id tracefile.StackID) []tracefile.Frame {
	return s.conv.stacks.frames(id - tracefile.StackID(s.conv.defs))
}

func (s *source) Site(id tracefile.SiteID) tracefile.Site {
	if id -= tracefile.SiteID(s.conv.defs); id == 0 || int(id) > len(s.conv.stacks.siteDef) {
		return tracefile.Site{}
	}
	site := s.conv.stacks.siteDef[id-1]
	if site.Stack != 0 {
		site.Stack += tracefile.StackID(s.conv.defs)
	}
	return site
}

func (s *source) Chain(id tracefile.ChainID) tracefile.Chain {
	if id -= tracefile.ChainID(s.conv.defs); id == 0 || int(id) > len(s.conv.stacks.chain) {
		return tracefile.Chain{}
	}
	return s.conv.stacks.chain[id-1]
}

func (s *source) Run() tracefile.RunInfo { return s.run }

func (s *source) Health() tracefile.Health { return s.health }

// reader reads the events of a trace and outlives what the reader below it does not.
type reader struct {
	trace   *trace.Reader
	event   trace.Event
	version string // "go1.26"
	err     error
	behind  error // what is wrong behind the part of the trace that is read
}

func newReader(r io.ReaderAt, size int64) (out *reader, err error) {
	out = new(reader)
	defer out.rescue(&err)
	head := make([]byte, headerSize)
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, err
	}
	out.version = versionOf(head)
	size, out.behind = wholePart(r, size, out.version)
	out.trace, err = trace.NewReader(io.NewSectionReader(r, 0, size))
	return out, err
}

// versionOf returns the version of Go in the header of a trace: "go1.26".
func versionOf(head []byte) string {
	version, _, _ := strings.Cut(string(head), " trace")
	return strings.ReplaceAll(version, " ", "")
}

// next returns the next event, which is valid until the following call.
func (r *reader) next() (_ *trace.Event, err error) {
	if r.err != nil {
		return nil, r.err
	}
	defer r.rescue(&err)
	r.event, err = r.trace.ReadEvent()
	if err != nil {
		r.err = err
		return nil, err
	}
	return &r.event, nil
}

// rescue turns a panic of the reader into an error, which stays.
func (r *reader) rescue(err *error) {
	if p := recover(); p != nil {
		*err = failure(p)
		r.err = *err
	}
}

// rescue turns a panic of an event's methods into an error: they are not made for hostile traces.
func rescue(err *error) {
	if p := recover(); p != nil {
		*err = failure(p)
	}
}

func failure(p any) error { return fmt.Errorf("the reader of Go execution traces failed: %v", p) }

// notPlaced says that the trace does not tell where goroutines are.
func notPlaced(n int) string {
	const why = "the trace does not tell where: those from before Go 1.23 never do"
	if n == 1 {
		return "1 goroutine that is older than the trace waits, and " + why
	}
	return fmt.Sprintf("%d goroutines that are older than the trace wait, and %s", n, why)
}
