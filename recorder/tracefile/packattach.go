package tracefile

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"

	"github.com/looptrace/looptrace/recorder/internal/escape"
)

// attachedChunk is the size of all frames of an attachment but the last.
const attachedChunk = 1 << 20

// attach writes the attachments of the source: what it is, its bytes, and once more what it is.
func (p *Writer) attach(list []Attachment) {
	var buf []byte
	for _, a := range list {
		p.stream = a.Stream
		what := fmt.Appendf(nil, "kind=%s size=%d", escape.Append(nil, a.Kind, ""), a.Size)
		p.frame(frameAttachment, 0, what)
		for at := int64(0); at < a.Size; at += attachedChunk {
			if buf == nil {
				buf = make([]byte, attachedChunk)
			}
			n, err := a.ReadAt(buf[:min(attachedChunk, a.Size-at)], at)
			if err != nil && !errors.Is(err, io.EOF) {
				p.unread = append(p.unread, fmt.Sprintf("the Go execution trace of stream %d: offset %d: %v", a.Stream, at, reason(err)))
			}
			if n == 0 {
				continue
			}
			p.stored(storedFrame{frame{
				kind: frameAttached, stream: p.stream, count: uint32(at / attachedChunk), raw: uint32(n),
			}, buf[:n]})
		}
		p.frame(frameAttachment, 0, what)
	}
}

// packedAttachment reads the chunks of one attachment.
type packedAttachment struct {
	in     io.ReaderAt
	file   int64 // size of the packed trace
	stream StreamID
	kind   string
	said   int64 // the size that its description says, -1 if that is lost
	size   int64
	chunks []attachedPart // by number

	mu    sync.Mutex
	notes []string // what was found damaged on reading
}

type attachedPart struct {
	number  int64
	offset  int64 // of the frame
	size    int64
	checked bool
	err     error // what is wrong with it
}

// Attachments returns the attachments that the file holds.
func (p *PackedReader) Attachments() []Attachment {
	list := make([]Attachment, 0, len(p.attached))
	for _, a := range p.attached {
		kind := a.kind
		if kind == "" {
			kind = AttachedGoTrace // its description is lost, and there is no other kind
		}
		list = append(list, Attachment{a.stream, kind, a.size, a})
	}
	return list
}

// findAttachments collects them from the frames. Nothing but their descriptions and last headers is read.
func (p *PackedReader) findAttachments() {
	byStream := map[StreamID]*packedAttachment{}
	for _, f := range p.frames {
		if f.kind != frameAttachment && f.kind != frameAttached {
			continue
		}
		a := byStream[f.stream]
		if a == nil {
			a = &packedAttachment{in: p.in, file: p.size, stream: f.stream, said: -1}
			byStream[f.stream] = a
			p.attached = append(p.attached, a)
		}
		if f.kind == frameAttached {
			if n := int64(f.count); n*attachedChunk < p.size { // else a small file could claim to hold a huge one
				a.chunks = append(a.chunks, attachedPart{number: n, offset: f.offset, size: attachedChunk})
			}
		} else if a.said < 0 {
			p.describe(a, f)
		}
	}
	slices.SortStableFunc(p.attached, func(a, b *packedAttachment) int { return int(a.stream) - int(b.stream) })
	for _, a := range p.attached {
		a.measure()
		if text := a.loss(); text != "" {
			p.lost("%s", text)
		}
	}
}

// describe reads what the attachment is.
func (p *PackedReader) describe(a *packedAttachment, f frameRef) {
	_, payload, err := p.load(f.offset)
	if err != nil {
		return // there is a second one
	}
	a.kind = unescapeValue(field(string(payload), "kind"))
	if n, err := strconv.ParseInt(field(string(payload), "size"), 10, 64); err == nil && n >= 0 {
		a.said = n
	}
}

// measure finds out where the last chunk ends.
func (a *packedAttachment) measure() {
	slices.SortStableFunc(a.chunks, func(a, b attachedPart) int { return int(a.number - b.number) })
	a.chunks = slices.CompactFunc(a.chunks, func(a, b attachedPart) bool { return a.number == b.number })
	for n := len(a.chunks); n > 0; n = len(a.chunks) {
		last := &a.chunks[n-1]
		h, err := a.header(last)
		if err == nil && h.stored <= attachedChunk {
			last.size = int64(h.stored)
			a.size = last.number*attachedChunk + last.size
			return
		}
		a.chunks = a.chunks[:n-1]
	}
}

// loss says what is missing by the list of chunks, "" if nothing is.
func (a *packedAttachment) loss() string {
	there := int64(0)
	for _, c := range a.chunks {
		there += c.size
	}
	whole := max(a.said, a.size)
	if there == whole && a.said >= 0 {
		return ""
	}
	if a.said < 0 {
		return fmt.Sprintf("the Go execution trace of stream %d: its size is lost, %d bytes are there", a.stream, there)
	}
	return fmt.Sprintf("the Go execution trace of stream %d: %d of %d bytes are lost", a.stream, whole-there, whole)
}

// header reads the header of a chunk.
func (a *packedAttachment) header(c *attachedPart) (frame, error) {
	var b [frameHeader]byte
	if n, err := a.in.ReadAt(b[:], c.offset); n < len(b) {
		return frame{}, err
	}
	h, ok := parseFrameHeader(b[:])
	if !ok || h.kind != frameAttached || h.stream != a.stream || int64(h.count) != c.number || h.flags != 0 ||
		int64(h.stored) > a.file-c.offset-frameHeader {
		return h, errDamaged
	}
	return h, nil
}

// ReadAt reads from the chunks, each of which is checked when it is first used.
func (a *packedAttachment) ReadAt(b []byte, at int64) (int, error) {
	if at < 0 {
		return 0, errors.New("negative offset")
	}
	done := 0
	for done < len(b) {
		if at >= a.size {
			return done, io.EOF
		}
		c, err := a.chunk(at / attachedChunk)
		if err != nil {
			return done, err
		}
		skip := at % attachedChunk
		n := min(int64(len(b)-done), c.size-skip)
		got, err := a.in.ReadAt(b[done:done+int(n)], c.offset+frameHeader+skip)
		done += got
		at += int64(got)
		if int64(got) < n {
			return done, err
		}
	}
	return done, nil
}

// chunk returns a chunk whose checksum matches.
func (a *packedAttachment) chunk(number int64) (attachedPart, error) {
	i, ok := slices.BinarySearchFunc(a.chunks, number, func(c attachedPart, n int64) int { return int(c.number - n) })
	if !ok {
		return attachedPart{}, fmt.Errorf("offset %d: %w: the block is lost", number*attachedChunk, errDamaged)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	c := &a.chunks[i]
	if !c.checked {
		c.checked, c.err = true, a.check(c)
		if c.err != nil {
			c.err = fmt.Errorf("offset %d: %w", number*attachedChunk, c.err)
			a.notes = append(a.notes, fmt.Sprintf("the Go execution trace of stream %d: offset %d: %d bytes are lost: their block is damaged",
				a.stream, number*attachedChunk, c.size))
		}
	}
	return *c, c.err
}

// check compares the bytes of a chunk with their checksum.
func (a *packedAttachment) check(c *attachedPart) error {
	h, err := a.header(c)
	if err != nil {
		return err
	}
	data := make([]byte, c.size)
	if int64(h.stored) != c.size {
		return errDamaged
	}
	if n, err := a.in.ReadAt(data, c.offset+frameHeader); n < len(data) {
		return err
	}
	if checksum(data) != h.sum {
		return fmt.Errorf("%w: the checksum does not match", errDamaged)
	}
	return nil
}

// damage adds what was found damaged on reading attachments to the health.
func (p *PackedReader) damage() {
	for _, a := range p.attached {
		a.mu.Lock()
		for _, n := range a.notes {
			p.lost("%s", n)
		}
		a.mu.Unlock()
	}
}
