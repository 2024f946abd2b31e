package tracefile

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// PackedReader is the Source that reads a packed trace. What is damaged is left out and stated in Health.
type PackedReader struct {
	in     io.ReaderAt
	size   int64
	run    RunInfo
	health healthLog
	frames []frameRef
	at     int // in frames
	stored []byte
	unpack inflater

	stream  StreamID
	rows    rowDecoder
	defs    *packedDefs
	damaged bool   // something was lost: definitions may be
	asked   int    // frames before this one were searched for repetitions, see recall
	rowsAt  int64  // offset of the frame of rows
	next    uint64 // number of events that the frames read so far hold
	event   Event
	done    bool

	attached []*packedAttachment // by stream
}

// ReadPacked opens a packed trace of a given size.
func ReadPacked(in io.ReaderAt, size int64) (*PackedReader, error) {
	return newPackedReader("", in, size)
}

func newPackedReader(path string, in io.ReaderAt, size int64) (*PackedReader, error) {
	p := &PackedReader{in: in, size: size, defs: newPackedDefs()}
	if size == 0 {
		return nil, &FormatError{Path: path, Err: ErrEmpty}
	}
	if err := p.header(path); err != nil {
		return nil, err
	}
	var ok bool
	if p.frames, ok = p.readIndex(); !ok {
		p.frames = p.scan()
		p.damaged = true
		p.health.Truncated = true
		p.health.note("the file has no index at its end: it was cut at offset %d or its end is damaged", size)
	}
	p.findRun()
	p.findAttachments()
	return p, nil
}

// header checks the first bytes. Damaged ones do not matter as long as a frame follows.
func (p *PackedReader) header(path string) error {
	head := make([]byte, min(p.size, packedHeader+frameHeader))
	if !p.readAt(head, 0) {
		return &FormatError{Path: path, Err: ErrNotTrace}
	}
	magic := strings.HasPrefix(string(head), packedMagic)
	if !magic && strings.HasPrefix(packedMagic, string(head)) {
		magic = true // cut within it
	}
	intact := len(head) >= packedHeader && binary.LittleEndian.Uint32(head[12:]) == checksum(head[:12])
	framed := false
	if len(head) > packedHeader {
		_, framed = parseFrameHeader(head[packedHeader:])
	}
	switch {
	case magic && intact:
		if v := int(binary.LittleEndian.Uint16(head[8:])); v > packedVersion {
			return &VersionError{Path: path, Found: v, Supported: packedVersion}
		}
	case magic && len(head) < packedHeader, magic && framed, framed:
		p.health.note("offset 0: the file header is damaged")
	case magic:
		p.health.note("offset 0: the beginning of the file is damaged")
	default:
		return &FormatError{Path: path, Err: ErrNotTrace}
	}
	return nil
}

// load reads the frame at an offset; the payload is valid until the next call.
func (p *PackedReader) load(at int64) (frame, []byte, error) {
	var b [frameHeader]byte
	if at > p.size-frameHeader || !p.readAt(b[:], at) {
		return frame{}, nil, fmt.Errorf("%w: the file ends", errDamaged)
	}
	h, ok := parseFrameHeader(b[:])
	if !ok {
		return frame{}, nil, fmt.Errorf("%w: no block begins here", errDamaged)
	}
	if int64(h.stored) > p.size-at-frameHeader || h.stored > maxFrame {
		return h, nil, fmt.Errorf("%w: it claims to be %d bytes long", errDamaged, h.stored)
	}
	if uint32(cap(p.stored)) < h.stored {
		p.stored = make([]byte, h.stored)
	}
	p.stored = p.stored[:h.stored]
	if !p.readAt(p.stored, at+frameHeader) {
		return h, nil, fmt.Errorf("%w: it cannot be read", errDamaged)
	}
	payload, err := p.unpack.payload(h, p.stored)
	return h, payload, err
}

// findRun reads the description of the run, which is at the beginning and once more at the end.
func (p *PackedReader) findRun() {
	for _, f := range p.frames {
		if f.kind != frameRun {
			continue
		}
		if _, payload, err := p.load(f.offset); err == nil {
			parseRun(string(payload), &p.run)
			return
		}
	}
	p.health.note("the command and its end are not known: their block is lost")
}

// Next returns the next event.
func (p *PackedReader) Next() (*Event, error) {
	for {
		if p.rows.next(&p.event) {
			if p.event.Kind == NoteAdded {
				p.health.observe(&p.event)
			} else {
				p.health.Events++
			}
			return &p.event, nil
		}
		p.endRows()
		if p.at == len(p.frames) {
			p.end()
			return nil, io.EOF
		}
		p.read(p.frames[p.at])
		p.at++
	}
}

// endRows says what is wrong with the frame whose rows are at their end.
func (p *PackedReader) endRows() {
	if p.rows.left > 0 {
		p.lost("offset %d: %d events are lost: their block makes no sense", p.rowsAt, p.rows.left)
	}
	if p.rows.unknown > 0 {
		p.health.note("offset %d: %d events of kinds that this version does not know were passed over", p.rowsAt, p.rows.unknown)
	}
	p.rows.left, p.rows.unknown = 0, 0
}

func (p *PackedReader) lost(format string, args ...any) {
	p.damaged = true
	p.health.Truncated = true
	p.health.note(format, args...)
}

// end is called at the end of the file.
func (p *PackedReader) end() {
	if !p.done {
		p.done = true
		p.frames, p.at = nil, 0
	}
}

// read takes one frame.
func (p *PackedReader) read(f frameRef) {
	switch f.kind {
	case frameDefs, frameEvents, frameLanes, frameHealth:
	default:
		return // run and index were read, repetitions are for those who need them, and new kinds are passed over
	}
	if f.kind != frameHealth {
		p.enter(f.stream) // before the frame is loaded: this may load others
	}
	if f.kind.events() && f.first > p.next {
		p.lost("offset %d: %d events before it are lost", f.offset, f.first-p.next)
		p.recall()
	}
	h, payload, err := p.load(f.offset)
	if err == nil && (h.kind != f.kind || h.stream != f.stream || h.count != f.count) {
		err = fmt.Errorf("%w: it is not what the index says", errDamaged)
	}
	if err != nil {
		p.broken(f, err)
		return
	}
	if f.kind == frameHealth {
		p.readHealth(string(payload))
		return
	}
	if f.kind == frameDefs {
		if !p.defs.add(payload) {
			p.lost("offset %d: the definitions make no sense", f.offset)
		}
		return
	}
	p.next = f.first + uint64(f.count)
	p.rows.reset(payload, f)
	p.rowsAt = f.offset
}

// broken says what is lost with a frame.
func (p *PackedReader) broken(f frameRef, err error) {
	switch f.kind {
	case frameEvents, frameLanes:
		p.lost("offset %d: a block of %d events is lost: %v", f.offset, f.count, err)
		p.next = f.first + uint64(f.count)
	case frameDefs:
		p.lost("offset %d: a block of %d definitions is lost: %v", f.offset, f.count, err)
	default:
		p.lost("offset %d: what the recorder said about losses is lost: %v", f.offset, err)
	}
	p.recall()
}

// enter begins a stream.
func (p *PackedReader) enter(s StreamID) {
	if s == p.stream {
		return
	}
	p.stream, p.defs, p.asked = s, newPackedDefs(), 0
	if p.damaged {
		p.recall()
	}
}

// recall reads the next repetition of the definitions of the stream, if there is one and it was not read yet.
func (p *PackedReader) recall() {
	if p.at < p.asked {
		return
	}
	found := false
	for p.asked = p.at; p.asked < len(p.frames); p.asked++ {
		f := p.frames[p.asked]
		switch {
		case f.stream == p.stream && f.kind == frameAgain:
			found = true
			if _, payload, err := p.load(f.offset); err == nil {
				p.defs.add(payload)
			}
		case found || f.stream != p.stream:
			return
		}
	}
}

func (p *PackedReader) readHealth(text string) {
	first, rest, _ := strings.Cut(text, "\n")
	p.health.merge(field(first, "truncated") == "1", nil)
	for line := range strings.SplitSeq(rest, "\n") {
		if line != "" {
			p.health.note("%s", unescapeValue(line))
		}
	}
}

// Stack returns a stack of the current stream.
func (p *PackedReader) Stack(id StackID) []Frame { return p.defs.stack(id) }

// Site returns a spawn site of the current stream.
func (p *PackedReader) Site(id SiteID) Site { return p.defs.site(id) }

// Chain returns an await chain of the current stream.
func (p *PackedReader) Chain(id ChainID) Chain { return p.defs.chain(id) }

// Run returns what the launcher knew.
func (p *PackedReader) Run() RunInfo { return p.run }

// Health says what is missing.
func (p *PackedReader) Health() Health {
	p.damage()
	return p.health.get()
}
