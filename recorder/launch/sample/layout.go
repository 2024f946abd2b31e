package sample

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// layout says where CPython keeps what a stack is read from: offsets into its structures on 64-bit systems. Up to 3.12
// they are those of the headers of that minor version; from 3.13 on the interpreter publishes them.
type layout struct {
	minor int

	interpreters              uint64 // in _PyRuntime: the first interpreter
	interpreterNext, threads  uint64 // in an interpreter
	threadNext, ident, native uint64 // in a thread state; native is 0 where there is none
	frame                     uint64 // in a thread state: its innermost frame
	nested                    bool   // or the structure that has it,
	nestedFrame               uint64 // there

	previous, code, position uint64 // in a frame; the position is an index up to 3.10, later a pointer into the code
	owner                    uint64 // in a frame, 0 where there is none

	filename, name, qualname, lines, firstLine, instructions uint64 // in a code object; qualname and instructions may be 0

	asciiData, otherData uint64 // in a str

	gil            uint64 // in an interpreter: a pointer to its lock; 0: the lock is in _PyRuntime
	holder, locked uint64 // in the lock, or in _PyRuntime
}

// What is the same in all supported versions.
const (
	typeAt      = 8  // in any object
	bytesSizeAt = 16 // in a bytes
	bytesDataAt = 32
	strLengthAt = 16 // in a str
	strStateAt  = 32

	mostRead = 256 // bytes of one structure

	ownedByC = 3 // frames with this owner or more are no Python code
)

func layouts(minor int) (layout, bool) {
	old := layout{
		minor: minor, interpreters: 32, threads: 8, threadNext: 8, ident: 176, frame: 24,
		previous: 24, code: 32, position: 104, filename: 104, name: 112, firstLine: 40, lines: 120, asciiData: 48, otherData: 72,
	}
	switch minor {
	case 8, 9:
		old.holder, old.locked = 1160, 1168
		if minor == 9 {
			old.holder, old.locked = 360, 368
		}
		return old, true
	case 10:
		old.position = 96
		old.holder, old.locked = 360, 368
		return old, true
	case 11:
		return layout{
			minor: minor, interpreters: 40, threads: 16, threadNext: 8, ident: 152, native: 160, frame: 56, nested: true, nestedFrame: 8,
			previous: 48, code: 32, position: 56, owner: 69,
			filename: 112, name: 120, qualname: 128, lines: 136, firstLine: 72, instructions: 184, asciiData: 48, otherData: 72,
			holder: 368, locked: 376,
		}, true
	case 12:
		return layout{
			minor: minor, interpreters: 40, threads: 72, threadNext: 8, ident: 136, native: 144, frame: 56, nested: true,
			previous: 8, position: 56, owner: 70,
			filename: 112, name: 120, qualname: 128, lines: 136, firstLine: 68, instructions: 192, asciiData: 40, otherData: 56,
			gil: 384, holder: 8, locked: 16,
		}, true
	}
	return layout{}, false
}

// published is how much of the table at the start of _PyRuntime is read.
const published = 704

var errLayout = errors.New("this interpreter's structures are not known")

// publishedLayout reads the table of offsets of 3.13 and 3.14.
func publishedLayout(minor int, table []byte) (layout, error) {
	if len(table) < published || string(table[:8]) != "xdebugpy" {
		return layout{}, fmt.Errorf("%w: no table of offsets", errLayout)
	}
	at := func(i int) uint64 { return binary.LittleEndian.Uint64(table[8*i:]) }
	if at(1)>>16 != uint64(0x300|minor) {
		return layout{}, fmt.Errorf("%w: its table of offsets is of another version", errLayout)
	}
	if at(2) != 0 {
		return layout{}, fmt.Errorf("%w: it is free-threaded", errLayout)
	}
	// The parts of the table that we need, by the index of their first entry.
	interpreter, gil, thread, frame, code, str := 6, 14, 19, 28, 34, 67
	if minor >= 14 {
		interpreter, gil, thread, frame, code, str = 6, 15, 22, 31, 39, 77
	}
	lay := layout{
		minor: minor, interpreters: at(5), interpreterNext: at(interpreter + 2), threads: at(interpreter + 3),
		threadNext: at(thread + 2), frame: at(thread + 4), ident: at(thread + 5), native: at(thread + 6),
		previous: at(frame + 1), code: at(frame + 2), position: at(frame + 3), owner: at(frame + 5),
		filename: at(code + 1), name: at(code + 2), qualname: at(code + 3), lines: at(code + 4), firstLine: at(code + 5),
		instructions: at(code + 9), asciiData: at(str + 3), otherData: at(str+3) + 16,
		gil: at(gil), holder: at(gil+4) - at(gil+1), locked: at(gil+3) - at(gil+1),
	}
	return lay, lay.plausible()
}

// The bytes to read of a frame, a code object and a thread state.
func (l *layout) frameSize() uint64 { return max(l.previous, l.code, l.position, l.owner) + 8 }

func (l *layout) codeSize() uint64 {
	return max(l.filename, l.name, l.qualname, l.lines, l.firstLine, l.instructions) + 8
}
func (l *layout) threadSize() uint64 { return max(l.threadNext, l.frame, l.ident, l.native) + 8 }

// plausible refuses offsets that no structure has.
func (l *layout) plausible() error {
	if most := max(l.frameSize(), l.codeSize(), l.threadSize()); most > mostRead {
		return fmt.Errorf("%w: an offset of %d", errLayout, most)
	}
	return nil
}
