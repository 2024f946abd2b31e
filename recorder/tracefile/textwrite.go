package tracefile

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/looptrace/looptrace/recorder/internal/escape"
)

// textVersion is the version of the text twin.
const textVersion = 1

// TextWriter writes the text twin of a trace: see the package documentation.
type TextWriter struct {
	w      *bufio.Writer
	src    Source
	start  int64
	stream StreamID
	seen   seenDefs
	line   []byte
}

// NewTextWriter begins a text twin. The definitions of the events that are written come from src.
func NewTextWriter(w io.Writer, src Source) *TextWriter {
	t := &TextWriter{w: bufio.NewWriterSize(w, 64<<10), src: src, start: src.Run().StartedNS}
	run := src.Run()
	fmt.Fprintf(t.w, "looptrace %d\n", textVersion)
	t.line = appendRunBegin(append(t.line[:0], "=run"...), run)
	if run.Ended {
		t.line = appendRunEnd(t.line, run)
	} else if run.DurationNS != 0 {
		t.line = fmt.Appendf(t.line, " duration_ns=%d", run.DurationNS)
	}
	t.flush()
	return t
}

func (t *TextWriter) flush() {
	t.w.Write(append(t.line, '\n')) // an error stays in the bufio.Writer until Close
}

// Write writes an event, after the definitions it needs.
func (t *TextWriter) Write(e *Event) error {
	if e.Stream != t.stream {
		t.stream, t.seen = e.Stream, newSeenDefs()
		t.line = fmt.Appendf(t.line[:0], "=stream %d", e.Stream)
		t.flush()
	}
	t.seen.visit(e, t.src, t.definition)
	t.line = AppendText(t.line[:0], e, t.start)
	t.flush()
	_, err := t.w.Write(nil) // a bufio.Writer repeats its first error
	return err
}

// definition writes the definition of an id that is used for the first time.
func (t *TextWriter) definition(kind defKind, id uint32) {
	b := t.line[:0]
	switch kind {
	case defStack:
		b = fmt.Appendf(b, "=stack %d ", id)
		b = appendFrames(b, t.src.Stack(StackID(id)))
	case defSite:
		s := t.src.Site(SiteID(id))
		b = fmt.Appendf(b, "=site %d stack=%d", id, s.Stack)
		if s.Coro != "" {
			b = escape.Append(append(b, " coro="...), s.Coro, "")
		}
		if s.Def != (Frame{}) {
			b = appendFrame(append(b, " def="...), s.Def)
		}
	case defChain:
		c := t.src.Chain(ChainID(id))
		b = fmt.Appendf(b, "=chain %d", id)
		if c.State != "" {
			b = escape.Append(append(b, " state="...), c.State, "")
		}
		if c.On != "" {
			b = escape.Append(append(b, " on="...), c.On, "")
		}
		b = appendFrames(append(b, ' '), c.Frames)
	}
	t.line = b
	t.flush()
}

// Close writes what the source says is missing. The source must be at its end.
func (t *TextWriter) Close() error {
	h := t.src.Health()
	if h.Dropped > 0 || h.Truncated {
		truncated := 0
		if h.Truncated {
			truncated = 1
		}
		fmt.Fprintf(t.w, "=health dropped=%d truncated=%d\n", h.Dropped, truncated)
	}
	for _, a := range attachments(t.src) {
		h.Notes = append(h.Notes, fmt.Sprintf("the Go execution trace of stream %d (%d bytes) is left out here", a.Stream, a.Size))
	}
	for _, note := range h.Notes {
		t.line = escape.Append(append(t.line[:0], "=note text="...), note, "")
		t.flush()
	}
	return t.w.Flush()
}

// WriteText writes the text twin of a whole source.
func WriteText(w io.Writer, src Source) error {
	t := NewTextWriter(w, src)
	for {
		e, err := src.Next()
		if err == io.EOF {
			return t.Close()
		}
		if err == nil {
			err = t.Write(e)
		}
		if err != nil {
			return err
		}
	}
}

// AppendText appends an event as a line of the text twin without its end; times are relative to start.
func AppendText(b []byte, e *Event, start int64) []byte {
	b = strconv.AppendInt(b, e.Time-start, 10)
	b = append(b, ' ')
	b = append(b, e.Kind.String()...)
	for _, f := range [...]struct {
		key   string
		value uint64
	}{
		{" thread=", uint64(e.Thread)},
		{" task=", uint64(e.Task)},
		{" loop=", uint64(e.Loop)},
		{" site=", uint64(e.Site)},
		{" stack=", uint64(e.Stack)},
		{" chain=", uint64(e.Chain)},
		{" number=", e.Number},
	} {
		if f.value != 0 {
			b = strconv.AppendUint(append(b, f.key...), f.value, 10)
		}
	}
	if e.Name != "" {
		b = escape.Append(append(b, " name="...), e.Name, "")
	}
	for _, a := range e.Attrs {
		b = append(b, ' ')
		b = escape.Append(b, a.Key, "=")
		b = append(b, '=')
		b = escape.Append(b, a.Value, "")
	}
	return b
}

// stackAttr reports whether the value of an attribute is the id of a stack.
func stackAttr(key string) bool { return strings.HasSuffix(key, "_stack") }
