package tracefile

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/looptrace/looptrace/recorder/internal/escape"
)

const (
	fullEvents = 64 << 10  // bytes of rows that make a frame
	fullDefs   = 256 << 10 // bytes of definitions that make one
	repeatMin  = 4 << 20   // bytes of a stream after which its definitions are repeated, at least
	repeatPart = 16        // and this many times their size
)

// Writer writes a packed trace: see the package documentation.
type Writer struct {
	w      *bufio.Writer
	offset int64
	src    Source
	stream StreamID
	seen   seenDefs
	rows   rowEncoder
	defs   defBlock
	pack   deflater
	buf    []byte

	repeat   []storedFrame // definition frames of the stream
	repeated int64         // offset behind their last repetition
	size     int64         // of repeat

	frames []frameRef
	events uint64
	unread []string // what could not be read of the attachments
	err    error
}

type storedFrame struct {
	frame
	payload []byte
}

// frameRef is the index entry of a frame.
type frameRef struct {
	offset int64
	first  uint64
	count  uint32
	stream StreamID
	kind   frameType
}

// NewWriter begins a packed trace. The definitions of the events that are written come from src.
func NewWriter(w io.Writer, src Source) *Writer {
	p := &Writer{w: bufio.NewWriterSize(w, 256<<10), src: src}
	head := append([]byte(packedMagic), 0, 0, 0, 0)
	binary.LittleEndian.PutUint16(head[8:], packedVersion)
	p.write(binary.LittleEndian.AppendUint32(head, checksum(head)))
	p.writeRun()
	return p
}

func (p *Writer) write(b []byte) {
	if p.err == nil {
		_, p.err = p.w.Write(b)
	}
	p.offset += int64(len(b))
}

func (p *Writer) writeRun() {
	run := p.src.Run()
	line := appendRunBegin(nil, run)
	if run.Ended {
		line = appendRunEnd(line, run)
	} else if run.DurationNS != 0 {
		line = fmt.Appendf(line, " duration_ns=%d", run.DurationNS)
	}
	p.frame(frameRun, 0, line)
}

// frame writes a block and returns how it was stored; the payload is valid until the next call.
func (p *Writer) frame(kind frameType, count uint32, payload []byte) storedFrame {
	s := storedFrame{frame{kind: kind, stream: p.stream, count: count, raw: uint32(len(payload)), first: p.events}, payload}
	num, den := 9, 10
	if kind.events() {
		num, den = 1, 2 // inflating halves the speed of reading, and rows are short as they are
	}
	if packed, ok := p.pack.deflate(payload, num, den); ok {
		s.payload, s.flags = packed, flagDeflated
	}
	p.stored(s)
	return s
}

func (p *Writer) stored(s storedFrame) {
	s.first = p.events
	s.frame.stored, s.sum = uint32(len(s.payload)), checksum(s.payload)
	p.frames = append(p.frames, frameRef{p.offset, p.events, s.count, s.stream, s.kind})
	p.buf = s.frame.append(p.buf[:0])
	p.write(p.buf)
	p.write(s.payload)
	if s.kind.events() {
		p.events += uint64(s.count)
	}
}

// Write writes an event and the definitions it needs.
func (p *Writer) Write(e *Event) error {
	if e.Stream != p.stream || p.defs.strings == nil {
		p.endStream()
		p.stream, p.seen = e.Stream, newSeenDefs()
		p.defs.reset()
		p.rows.lanes = e.Kind == ProcessStarted && e.Attrs.Get("lanes") == "task" // a stream begins with it
		p.rows.reset()
		p.repeated = p.offset
	}
	p.seen.visit(e, p.src, func(kind defKind, id uint32) { p.defs.add(kind, id, p.src) })
	p.rows.add(e)
	if len(p.rows.buf) >= fullEvents || p.defs.size() >= fullDefs {
		p.flush()
	}
	return p.err
}

// flush writes the definitions collected so far, then the events that use them.
func (p *Writer) flush() {
	if n := p.defs.count(); n > 0 {
		s := p.frame(frameDefs, n, p.defs.payload(nil))
		s.payload = append([]byte(nil), s.payload...)
		p.repeat = append(p.repeat, s)
		p.size += int64(len(s.payload) + frameHeader)
		p.defs.reset()
	}
	if p.rows.count > 0 {
		kind := frameEvents
		if p.rows.lanes {
			kind = frameLanes
		}
		p.frame(kind, p.rows.count, p.rows.buf)
		p.rows.reset()
	}
	if p.offset-p.repeated > max(repeatMin, repeatPart*p.size) {
		p.again()
	}
}

// again repeats the definitions of the stream.
func (p *Writer) again() {
	for _, s := range p.repeat {
		s.kind = frameAgain
		p.stored(s)
	}
	p.repeated = p.offset
}

func (p *Writer) endStream() {
	if p.defs.strings == nil {
		return
	}
	p.flush()
	p.again()
	p.repeat, p.size = nil, 0
}

// Close writes what the source says is missing, and the index. The source must be at its end. It does not close the
// underlying writer.
func (p *Writer) Close() error {
	p.endStream()
	p.attach(attachments(p.src))
	p.stream = 0
	h := p.src.Health()
	truncated := 0
	if h.Truncated || len(p.unread) > 0 {
		truncated = 1
	}
	text := fmt.Appendf(nil, "truncated=%d\n", truncated)
	for _, note := range append(h.Notes, p.unread...) {
		text = append(escape.Append(text, note, ""), '\n')
	}
	p.frame(frameHealth, 0, text)
	p.writeRun()
	at := p.offset
	p.frame(frameIndex, uint32(len(p.frames)), encodeIndex(p.frames))
	trailer := binary.LittleEndian.AppendUint64([]byte(trailerMagic), uint64(at))
	trailer = append(trailer, 0, 0, 0, 0)
	p.write(binary.LittleEndian.AppendUint32(trailer, checksum(trailer)))
	if p.err == nil {
		p.err = p.w.Flush()
	}
	return p.err
}

func encodeIndex(frames []frameRef) []byte {
	var b []byte
	var last frameRef
	for _, f := range frames {
		b = append(b, byte(f.kind))
		b = appendUvarints(b, uint64(f.stream), uint64(f.count), uint64(f.offset-last.offset), f.first-last.first)
		last = f
	}
	return b
}
