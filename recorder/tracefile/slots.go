package tracefile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
)

const (
	slotsMagic  = "LTSLOTS1"
	slotsHeader = 64
	slotSize    = 16

	slotFloats   = 1 // encodings
	slotIntegers = 2

	slotCode    = 15
	slotThread  = 47
	slotAddress = 1<<slotThread - 16
	slotPage    = 52 // encoding 2 only
)

// slot is one (word, value) of a slots file.
type slot struct {
	word  uint64
	float bool
	bits  uint64
}

// integral turns the word of encoding 1 into an integer. It reports false for one that is none.
func (s *slot) integral() bool {
	if !s.float {
		return true
	}
	f := math.Float64frombits(s.word)
	if !(f >= 1 && f < 1<<52) {
		return false
	}
	s.word = uint64(f)
	return true
}

// page says which table of codes the slot is of.
func (s slot) page() uint64 { return s.word >> slotPage & 15 }

// seconds or ns, as ns
func (s slot) time() int64 {
	if !s.float {
		return int64(s.bits)
	}
	v := math.Float64frombits(s.bits) * 1e9
	if !(v > -1<<62 && v < 1<<62) { // not a number, too
		return 0
	}
	return int64(math.Round(v))
}

func (s slot) number() uint64 {
	if !s.float {
		return s.bits
	}
	v := math.Float64frombits(s.bits)
	if !(v >= 0 && v < 1<<53) {
		return 0
	}
	return uint64(v)
}

// slotReader reads the slots files of one token in turn.
type slotReader struct {
	prefix string // path up to the number
	index  int    // of the file that is open
	file   *os.File
	float  bool
	buf    []byte
	have   []byte // of buf, not decoded yet
	pos    int64  // in the file, of have
	after  int64  // in the file, after the last slot that was written
	again  bool   // the empty end of this file was read a second time
	ahead  *slot  // the next slot, if peek took it already
	note   func(string, ...any)
}

func newSlotReader(dir, token string, first int, note func(string, ...any)) *slotReader {
	return &slotReader{prefix: filepath.Join(dir, token), index: first - 1, buf: make([]byte, 64<<10), note: note}
}

func (r *slotReader) path(index int) string { return fmt.Sprintf("%s.%d.slots", r.prefix, index) }

// next returns the next slot that was written; false at the end of the last file.
func (r *slotReader) next() (slot, bool) {
	if r.ahead != nil {
		s := *r.ahead
		r.ahead = nil
		return s, true
	}
	return r.read()
}

// peek returns the slot that next will return.
func (r *slotReader) peek() (slot, bool) {
	if r.ahead == nil {
		s, ok := r.read()
		if !ok {
			return slot{}, false
		}
		r.ahead = &s
	}
	return *r.ahead, true
}

func (r *slotReader) read() (slot, bool) {
	for {
		for len(r.have) >= slotSize {
			word := binary.LittleEndian.Uint64(r.have)
			s := slot{word: word, float: r.float, bits: binary.LittleEndian.Uint64(r.have[8:])}
			r.have = r.have[slotSize:]
			r.pos += slotSize
			if word == 0 {
				continue
			}
			r.after = r.pos
			if !s.integral() {
				continue
			}
			return s, true
		}
		if !r.fill() {
			return slot{}, false
		}
	}
}

// fill reads on, in the next file if there is one.
func (r *slotReader) fill() bool {
	for {
		if r.file != nil {
			n, err := r.file.ReadAt(r.buf, r.pos)
			if n >= slotSize {
				r.have = r.buf[:n-n%slotSize]
				return true
			}
			if err != nil && !errors.Is(err, io.EOF) {
				r.note("%s: offset %d: %v", filepath.Base(r.path(r.index)), r.pos, err)
			}
		}
		if !r.open() {
			return false
		}
	}
}

// open goes to the next file. That it exists says that the one before is complete, which it need not have been when its
// end was read: the program may be running.
func (r *slotReader) open() bool {
	f, err := openRegular(r.path(r.index + 1))
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			r.note("%s: %v", filepath.Base(r.path(r.index+1)), errors.Unwrap(err))
		}
		return false
	}
	if r.file != nil && !r.again && r.after < r.pos {
		r.again, r.pos = true, r.after
		f.Close()
		return true
	}
	r.close()
	r.index++
	r.file, r.again, r.pos, r.after = f, false, slotsHeader, slotsHeader
	if !r.header() {
		r.close() // nothing to read here
	}
	return true
}

func (r *slotReader) header() bool {
	var h [slotsHeader]byte
	name := filepath.Base(r.path(r.index))
	if n, _ := r.file.ReadAt(h[:], 0); n < slotsHeader || h == [slotsHeader]byte{} {
		return false // it was just created
	}
	encoding, size := binary.LittleEndian.Uint32(h[8:]), binary.LittleEndian.Uint32(h[12:])
	if string(h[:8]) != slotsMagic || size != slotSize || encoding != slotFloats && encoding != slotIntegers {
		r.note("%s: the header is damaged or of a newer version: its events are lost", name)
		return false
	}
	r.float = encoding == slotFloats
	return true
}

func (r *slotReader) close() {
	if r.file != nil {
		r.file.Close()
		r.file = nil
	}
}
