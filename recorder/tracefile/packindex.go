package tracefile

import (
	"bytes"
	"encoding/binary"
	"io"
)

// readIndex returns the frames as the index at the end of the file lists them; false if it is missing or damaged.
func (p *PackedReader) readIndex() ([]frameRef, bool) {
	if p.size < packedHeader+frameHeader+trailerSize {
		return nil, false
	}
	var t [trailerSize]byte
	if !p.readAt(t[:], p.size-trailerSize) || string(t[:8]) != trailerMagic ||
		binary.LittleEndian.Uint32(t[20:]) != checksum(t[:20]) {
		return nil, false
	}
	at := binary.LittleEndian.Uint64(t[8:])
	if at > uint64(p.size-trailerSize-frameHeader) {
		return nil, false
	}
	h, payload, err := p.load(int64(at))
	if err != nil || h.kind != frameIndex {
		return nil, false
	}
	return decodeIndex(payload, h.count, int64(at))
}

// decodeIndex reads the entries of an index that stands at an offset. They must not overlap, or a small file could stand
// for a great many events.
func decodeIndex(payload []byte, count uint32, end int64) ([]frameRef, bool) {
	if uint64(count) > uint64(len(payload))/5 {
		return nil, false
	}
	r := rowDecoder{in: payload}
	frames := make([]frameRef, 0, count)
	var last frameRef
	for range count {
		f := frameRef{kind: frameType(r.byte()), stream: StreamID(r.uint()), count: uint32(r.uint())}
		gap := r.uint()
		f.first = last.first + r.uint()
		if r.pos == bad || len(frames) > 0 && gap < frameHeader || gap > uint64(end-last.offset) {
			return nil, false
		}
		f.offset = last.offset + int64(gap)
		if f.offset < packedHeader || f.offset > end-frameHeader {
			return nil, false
		}
		frames = append(frames, f)
		last = f
	}
	return frames, true
}

// scan finds the frames of a file without an index by their headers. Where there is none, it looks for the next one.
func (p *PackedReader) scan() []frameRef {
	var frames []frameRef
	at := int64(packedHeader)
	for at < p.size {
		var b [frameHeader]byte
		n := min(int64(frameHeader), p.size-at)
		if !p.readAt(b[:n], at) {
			break
		}
		h, ok := parseFrameHeader(b[:n])
		if !ok {
			next := p.resync(at + 1)
			p.gap(at, next)
			at = next
			continue
		}
		end := at + frameHeader + int64(h.stored)
		if end > p.size {
			p.health.note("offset %d: the file ends within a block of %d bytes", at, frameHeader+int64(h.stored))
			break
		}
		frames = append(frames, frameRef{at, h.first, h.count, h.stream, h.kind})
		at = end
	}
	return frames
}

// gap says that bytes make no sense; those of an intact trailer at the end do.
func (p *PackedReader) gap(from, to int64) {
	if to-from == trailerSize && to == p.size {
		return
	}
	p.health.note("offset %d: %d bytes are damaged", from, to-from)
}

// resync returns the offset of the next frame header at or after from, the size of the file if there is none.
func (p *PackedReader) resync(from int64) int64 {
	marker := binary.LittleEndian.AppendUint32(nil, frameMarker)
	buf := make([]byte, 64<<10)
	for from < p.size {
		n := min(int64(len(buf)), p.size-from)
		if !p.readAt(buf[:n], from) {
			return p.size
		}
		i := bytes.Index(buf[:n], marker)
		switch {
		case i < 0 && n <= frameHeader:
			return p.size
		case i < 0:
			from += n - 3 // a marker may begin in the last bytes
			if n < int64(len(buf)) {
				return p.size
			}
		case int64(i)+frameHeader > n && from+n < p.size:
			from += int64(i) // the header goes on behind the buffer
		default:
			if _, ok := parseFrameHeader(buf[i:n]); ok {
				return from + int64(i)
			}
			from += int64(i) + 1
		}
	}
	return p.size
}

func (p *PackedReader) readAt(b []byte, at int64) bool {
	n, err := p.in.ReadAt(b, at)
	if n < len(b) && err != io.EOF {
		p.health.note("offset %d: %v", at, reason(err))
	}
	return n == len(b)
}
