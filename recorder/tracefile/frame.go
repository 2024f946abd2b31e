package tracefile

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// The packed format: see the package documentation.
const (
	packedVersion = 1
	packedMagic   = "\x93ltrace\n"
	packedHeader  = 16

	frameMarker = 0xc5746cf7 // f7 'l' 't' c5: no UTF-8
	frameHeader = 40

	trailerMagic = "ltindex\n"
	trailerSize  = 24

	// maxRatio bounds what a frame may expand to, so that a small file cannot ask for much memory. Frames that would
	// compress better are padded.
	maxRatio = 16
	maxFrame = 64 << 20
)

type frameType uint8

const (
	frameRun        frameType = 1
	frameDefs       frameType = 2
	frameEvents     frameType = 3
	frameAgain      frameType = 4 // a copy of a frameDefs before it
	frameHealth     frameType = 5
	frameIndex      frameType = 6
	frameAttachment frameType = 7 // what the attachment of the stream is
	frameAttached   frameType = 8 // some of its bytes
	frameLanes      frameType = 9 // events of a stream with lanes=task
)

// events reports whether a frame of this type holds events.
func (t frameType) events() bool { return t == frameEvents || t == frameLanes }

const flagDeflated = 1

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }

// frame is the header of a block.
type frame struct {
	kind   frameType
	flags  uint8
	stream StreamID
	count  uint32 // of events or definitions
	raw    uint32 // bytes before compression
	stored uint32 // bytes in the file
	sum    uint32 // of these
	first  uint64 // number of events in the frames before
}

func (h *frame) append(b []byte) []byte {
	at := len(b)
	b = binary.LittleEndian.AppendUint32(b, frameMarker)
	b = append(b, byte(h.kind), h.flags, 0, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(h.stream))
	b = binary.LittleEndian.AppendUint32(b, h.count)
	b = binary.LittleEndian.AppendUint32(b, h.raw)
	b = binary.LittleEndian.AppendUint32(b, h.stored)
	b = binary.LittleEndian.AppendUint64(b, h.first)
	b = binary.LittleEndian.AppendUint32(b, h.sum)
	return binary.LittleEndian.AppendUint32(b, checksum(b[at:]))
}

// parseFrame reads a header; false if it is none or damaged.
func parseFrameHeader(b []byte) (frame, bool) {
	if len(b) < frameHeader || binary.LittleEndian.Uint32(b) != frameMarker {
		return frame{}, false
	}
	h := frame{
		kind: frameType(b[4]), flags: b[5],
		stream: StreamID(binary.LittleEndian.Uint32(b[8:])),
		count:  binary.LittleEndian.Uint32(b[12:]),
		raw:    binary.LittleEndian.Uint32(b[16:]),
		stored: binary.LittleEndian.Uint32(b[20:]),
		first:  binary.LittleEndian.Uint64(b[24:]),
		sum:    binary.LittleEndian.Uint32(b[32:]),
	}
	return h, binary.LittleEndian.Uint32(b[36:]) == checksum(b[:36])
}

// deflater compresses payloads.
type deflater struct {
	buf bytes.Buffer
	w   *flate.Writer
}

// deflate returns the compressed payload, valid until the next call, or ok false if that would not be at most num/den of
// it.
func (d *deflater) deflate(raw []byte, num, den int) ([]byte, bool) {
	d.buf.Reset()
	if d.w == nil {
		d.w, _ = flate.NewWriter(&d.buf, flate.DefaultCompression) // the level is a valid one
	} else {
		d.w.Reset(&d.buf)
	}
	d.w.Write(raw) // a bytes.Buffer takes everything
	d.w.Close()
	if least := (len(raw) + maxRatio - 1) / maxRatio; d.buf.Len() < least {
		d.buf.Write(make([]byte, least-d.buf.Len()))
	}
	return d.buf.Bytes(), d.buf.Len()*den <= len(raw)*num
}

// inflater undoes deflater.
type inflater struct {
	in  bytes.Reader
	r   io.ReadCloser
	raw []byte
}

var errDamaged = errors.New("damaged")

// payload returns the payload of a frame, valid until the next call.
func (d *inflater) payload(h frame, stored []byte) ([]byte, error) {
	if checksum(stored) != h.sum {
		return nil, fmt.Errorf("%w: the checksum does not match", errDamaged)
	}
	if h.flags&flagDeflated == 0 {
		return stored, nil
	}
	if h.raw > maxFrame || int64(h.raw) > maxRatio*int64(len(stored)) {
		return nil, fmt.Errorf("%w: it claims to expand to %d bytes", errDamaged, h.raw)
	}
	d.in.Reset(stored)
	if d.r == nil {
		d.r = flate.NewReader(&d.in)
	} else if err := d.r.(flate.Resetter).Reset(&d.in, nil); err != nil {
		return nil, err
	}
	if uint32(cap(d.raw)) < h.raw {
		d.raw = make([]byte, h.raw)
	}
	d.raw = d.raw[:h.raw]
	if _, err := io.ReadFull(d.r, d.raw); err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return d.raw, nil
}
