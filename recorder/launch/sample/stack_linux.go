package sample

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

const (
	maxInterpreters = 64
	maxThreads      = 4096
	maxDepth        = 400  // frames that are walked
	maxFrames       = 64   // that are kept of a stack, the innermost
	maxName         = 4096 // characters
	maxTable        = 1 << 20
	maxCodes        = 50_000 // known by address
)

// interpreter reads the stacks of one process.
type interpreter struct {
	memory
	symbols
	layout
	cwd   string
	codes map[uint64]*code
}

// rawFrame is a frame as it is in memory.
type rawFrame struct {
	at, code uint64
	line     int
	of       *code
}

// code is a code object that was read before. Its address may be reused, so the pointers in it are compared each time.
type code struct {
	pointers             [4]uint64
	first                int
	file, name, qualname string
	lines                []byte
}

// thread is a thread state.
type thread struct{ at, interpreter, ident, native, frame uint64 }

func attach(mem memory, syms symbols, minor int, cwd string) (*interpreter, error) {
	in := &interpreter{memory: mem, symbols: syms, cwd: cwd, codes: map[uint64]*code{}}
	lay, ok := layouts(minor)
	if !ok && minor != 13 && minor != 14 {
		return nil, fmt.Errorf("%w: 3.%d", errLayout, minor)
	}
	if !ok {
		table := make([]byte, published)
		if err := mem.read(syms.runtime, table); err != nil {
			return nil, err
		}
		var err error
		if lay, err = publishedLayout(minor, table); err != nil {
			return nil, err
		}
	}
	in.layout = lay
	return in, nil
}

// eachThread calls yield for the thread states until it returns false.
func (in *interpreter) eachThread(yield func(thread) bool) error {
	interp, err := in.pointer(in.runtime + in.interpreters)
	if err != nil {
		return err
	}
	buf := make([]byte, in.threadSize())
	seen := 0
	for n := 0; interp != 0 && n < maxInterpreters; n++ {
		at, err := in.pointer(interp + in.threads)
		if err != nil {
			return err
		}
		for ; at != 0 && seen < maxThreads; seen++ {
			if err := in.read(at, buf); err != nil {
				return err
			}
			t := thread{at: at, interpreter: interp, ident: word(buf, in.ident), frame: word(buf, in.frame)}
			if in.native != 0 {
				t.native = uint64(uint32(word(buf, in.native)))
			}
			if !yield(t) {
				return nil
			}
			at = word(buf, in.threadNext)
		}
		if interp, err = in.pointer(interp + in.interpreterNext); err != nil {
			return err
		}
	}
	return nil
}

func word(b []byte, at uint64) uint64 { return binary.LittleEndian.Uint64(b[at:]) }

var errNoThread = errors.New("no such thread")

// find returns the state of a thread.
func (in *interpreter) find(ident uint64) (thread, error) {
	var found thread
	err := in.eachThread(func(t thread) bool {
		if t.ident == ident {
			found = t
		}
		return found.ident == 0
	})
	if err == nil && found.ident == 0 {
		err = errNoThread
	}
	return found, err
}

// excluded reports whether another thread has the interpreter lock.
func (in *interpreter) excluded(t thread) bool {
	lock := in.runtime
	if in.gil != 0 {
		var err error
		if lock, err = in.pointer(t.interpreter + in.gil); err != nil {
			return false
		}
	}
	holder, err := in.pointer(lock + in.holder)
	locked, err2 := in.pointer(lock + in.locked)
	if err != nil || err2 != nil || uint32(locked) != 1 || holder == t.at {
		return false
	}
	other := false // it must be a thread, or this is not the lock
	err = in.eachThread(func(o thread) bool {
		other = other || o.at == holder
		return !other
	})
	return err == nil && other
}

// step returns the stack of a thread from its innermost frame to the call of the step by the loop. It is read twice, and
// what is not the same both times is left out: a frame that returned in between, or one that is only half there.
func (in *interpreter) step(t thread) ([]tracefile.Frame, error) {
	first, err := in.walk(t)
	if err != nil {
		return nil, err
	}
	again, err := in.walk(t)
	if err != nil {
		return nil, err
	}
	same := 0
	for same < len(first) && same < len(again) {
		a, b := first[len(first)-1-same], again[len(again)-1-same]
		if a.at != b.at || a.code != b.code {
			break
		}
		same++
	}
	again = again[len(again)-same:]
	if len(again) < 2 {
		return nil, errTorn
	}
	if len(again) > maxFrames {
		again = again[:maxFrames]
	}
	frames := make([]tracefile.Frame, len(again))
	for i, f := range again {
		frames[i] = tracefile.Frame{File: in.absolute(f.of.file), Line: f.line, Function: f.of.name, Qualname: f.of.qualname}
	}
	return frames, nil
}

// absolute completes the path of a program that was started by a relative one (3.8).
func (in *interpreter) absolute(file string) string {
	if file == "" || file[0] == '/' || file[0] == '<' || in.cwd == "" {
		return file
	}
	return path.Join(in.cwd, file)
}

// walk reads the frames up to Handle._run, innermost first.
func (in *interpreter) walk(t thread) ([]rawFrame, error) {
	at := t.frame
	var err error
	if in.nested {
		if at, err = in.pointer(t.frame + in.nestedFrame); err != nil {
			return nil, err
		}
	} else if at == 0 {
		return nil, errTorn
	}
	buf := make([]byte, in.frameSize())
	var frames []rawFrame
	for depth := 0; at != 0 && depth < maxDepth; depth++ {
		if err := in.read(at, buf); err != nil {
			return nil, err
		}
		if in.owner == 0 || buf[in.owner] < ownedByC {
			f, err := in.frameAt(at, buf)
			if err != nil {
				return nil, err
			}
			if !f.of.recorders() {
				frames = append(frames, f)
			}
			if f.of.runsHandles() {
				return frames, nil
			}
		}
		at = word(buf, in.previous)
	}
	return nil, errOutside
}

var errOutside = errors.New("not below a loop")

// recorders reports whether a code is the recorder's own: what it does is not the program's.
func (c *code) recorders() bool {
	return strings.HasPrefix(c.file, "<looptrace>/") || path.Base(path.Dir(c.file)) == "looptrace_recorder"
}

// runsHandles reports whether a code is that of Handle._run.
func (c *code) runsHandles() bool {
	return c.name == "_run" && strings.HasSuffix(c.file, "/asyncio/events.py")
}

func (in *interpreter) frameAt(at uint64, buf []byte) (rawFrame, error) {
	f := rawFrame{at: at, code: word(buf, in.layout.code) &^ 3} // 3.14 has tags in the lowest bits
	of, err := in.codeAt(f.code)
	if err != nil {
		return f, err
	}
	f.of = of
	var offset int
	if in.instructions == 0 {
		offset = int(int32(binary.LittleEndian.Uint32(buf[in.position:])))
		if in.minor == 10 {
			offset *= 2 // counted in code units
		}
	} else {
		d := int64(word(buf, in.position)) - int64(f.code+in.instructions)
		if d < -2 || d > math.MaxInt32 {
			return f, errTorn
		}
		offset = int(d)
	}
	f.line = lineAt(in.minor, of.lines, of.first, max(offset, 0))
	return f, nil
}

// codeAt reads a code object.
func (in *interpreter) codeAt(at uint64) (*code, error) {
	buf := make([]byte, in.codeSize())
	if err := in.read(at, buf); err != nil {
		return nil, err
	}
	if word(buf, typeAt) != in.codeType {
		return nil, errTorn
	}
	c := &code{
		pointers: [4]uint64{word(buf, in.filename), word(buf, in.name), word(buf, in.lines), word(buf, in.qualname)},
		first:    int(int32(binary.LittleEndian.Uint32(buf[in.firstLine:]))),
	}
	if known := in.codes[at]; known != nil && known.pointers == c.pointers && known.first == c.first {
		return known, nil
	}
	var err error
	if c.file, err = in.text(c.pointers[0]); err != nil {
		return nil, err
	}
	if c.name, err = in.text(c.pointers[1]); err != nil {
		return nil, err
	}
	if c.qualname = c.name; in.qualname != 0 {
		if c.qualname, err = in.text(c.pointers[3]); err != nil {
			return nil, err
		}
	}
	if c.lines, err = in.data(c.pointers[2]); err != nil {
		return nil, err
	}
	if len(in.codes) >= maxCodes {
		clear(in.codes)
	}
	in.codes[at] = c
	return c, nil
}

// data reads a bytes.
func (in *interpreter) data(at uint64) ([]byte, error) {
	var head [bytesDataAt]byte
	if err := in.read(at, head[:]); err != nil {
		return nil, err
	}
	size := word(head[:], bytesSizeAt)
	if word(head[:], typeAt) != in.bytesType || size > maxTable {
		return nil, errTorn
	}
	if size == 0 {
		return nil, nil
	}
	b := make([]byte, size)
	return b, in.read(at+bytesDataAt, b)
}

// text reads a str.
func (in *interpreter) text(at uint64) (string, error) {
	var head [40]byte
	if err := in.read(at, head[:]); err != nil {
		return "", err
	}
	length := word(head[:], strLengthAt)
	state := binary.LittleEndian.Uint32(head[strStateAt:])
	if in.minor >= 14 {
		// One more byte of it says whether it is interned in free-threaded builds only.
		state &= 0xff
	}
	kind, compact, ascii := uint64(state>>2&7), state>>5&1, state>>6&1 != 0
	if word(head[:], typeAt) != in.strType || length > maxName || compact == 0 || kind != 1 && kind != 2 && kind != 4 {
		return "", errTorn
	}
	if length == 0 {
		return "", nil
	}
	data := in.otherData
	if ascii {
		data = in.asciiData
	}
	b := make([]byte, length*kind)
	if err := in.read(at+data, b); err != nil {
		return "", err
	}
	return decodeText(b, kind), nil
}

// decodeText turns the characters of a str, of 1, 2 or 4 bytes each, into UTF-8.
func decodeText(b []byte, kind uint64) string {
	var out strings.Builder
	for ; len(b) > 0; b = b[kind:] {
		var r rune
		switch kind {
		case 1:
			r = rune(b[0])
		case 2:
			r = rune(binary.LittleEndian.Uint16(b))
		default:
			r = rune(binary.LittleEndian.Uint32(b))
		}
		if utf16.IsSurrogate(r) && r >= 0xdc80 && r <= 0xdcff { // a byte of a file name that is no UTF-8
			out.WriteByte(byte(r))
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// minorOf returns N of "3.N.M", 0 if it is something else.
func minorOf(version string) int {
	rest, ok := strings.CutPrefix(version, "3.")
	if !ok {
		return 0
	}
	minor, _, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(minor)
	if err != nil {
		return 0
	}
	return n
}
