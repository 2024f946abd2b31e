package tracefile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Watch follows one process of a spool from outside, while it runs: it knows since when each thread is in a step or
// callback, and nothing of the past. The launcher samples long steps by it.
type Watch struct {
	Token string
	PID   int

	prefix  string // path of the files up to the token's end
	index   int    // of the slots file that is open
	file    *os.File
	float   bool
	pos     int64
	misses  int // polls that found nothing new
	buf     []byte
	threads [watchThreads]OpenStep // by thread
	open    uint32                 // a bit for each that has a step

	factsAt int64
	started Attrs
	running ThreadID // that ran a loop first
	known   map[ThreadID]ThreadName
}

// OpenStep is a step of a task or another callback that has begun and not ended.
type OpenStep struct {
	BeganNS  int64
	Position int64 // the same for as long as it is the same step

	address uint64
}

// ThreadName is how the system and the interpreter call a thread; 0 where it was not recorded.
type ThreadName struct{ Ident, Native uint64 }

// Watches returns a Watch for every token of a spool directory that is not among the known ones.
func Watches(dir string, known func(token string) bool) []*Watch {
	names, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var found []*Watch
	for _, e := range names {
		token, index, ok := parseSpoolName(e.Name())
		if !ok || index >= 0 || known(token) {
			continue
		}
		pid, _, _ := strings.Cut(token, "-")
		n, err := strconv.Atoi(pid)
		if err != nil || n <= 0 {
			continue
		}
		found = append(found, &Watch{
			Token: token, PID: n, prefix: filepath.Join(dir, token), index: -1,
			known: map[ThreadID]ThreadName{},
		})
	}
	return found
}

// Path returns the path of the slots file that is written now, "" if there is none yet.
func (w *Watch) Path() string {
	if w.file == nil {
		return ""
	}
	return w.file.Name()
}

const (
	watchFirst   = 1 << 10  // bytes: what an idle process costs per poll
	watchMore    = 64 << 10 // where there is more
	watchHole    = 16       // slots that another thread may have been about to write
	watchThreads = 32       // that a slot can name
	watchNext    = 16       // polls without news after which the next file is looked for
)

// Poll reads what was written since the last call and reports whether that was anything.
func (w *Watch) Poll() bool {
	if w.file == nil && !w.openNext() {
		return false
	}
	if w.buf == nil {
		w.buf = make([]byte, watchMore)
	}
	moved := false
	for want := watchFirst; ; want = watchMore {
		n, err := w.file.ReadAt(w.buf[:want], w.pos)
		taken := w.take(w.buf[:n-n%slotSize])
		moved = moved || taken > 0
		switch {
		case taken > 0 && taken == n:
			continue
		case taken == 0 && errors.Is(err, io.EOF) && n < slotSize, w.stale(moved):
			if w.openNext() {
				continue
			}
		}
		break
	}
	return moved
}

// stale reports whether it is time to look for another file although this one has room.
func (w *Watch) stale(moved bool) bool {
	if moved {
		w.misses = 0
		return false
	}
	w.misses++
	return w.misses%watchNext == 0
}

// take takes in slots and returns the number of bytes up to the last written one.
func (w *Watch) take(data []byte) int {
	done, empty := 0, 0
	for at := 0; at+slotSize <= len(data); at += slotSize {
		s := slot{word: binary.LittleEndian.Uint64(data[at:]), bits: binary.LittleEndian.Uint64(data[at+8:]), float: w.float}
		if s.word == 0 {
			if empty++; empty == watchHole {
				break
			}
			continue
		}
		done, empty = at+slotSize, 0
		if s.integral() {
			w.slot(s, int64(w.index)<<40|(w.pos+int64(at)))
		}
	}
	w.pos += int64(done)
	return done
}

// slot notes what a slot says of its thread.
func (w *Watch) slot(s slot, position int64) {
	thread, address, code := ThreadID(s.word>>slotThread&31), s.word&slotAddress, s.word&slotCode
	switch {
	case address == 0 && code == codeSpawned, address != 0 && code == codeStep:
		w.threads[thread] = OpenStep{BeganNS: s.time(), Position: position, address: address}
		w.open |= 1 << thread
	case address == 0 && (code == codeReturned || code == codeRaised),
		address != 0 && ends(int(code)) && w.threads[thread].address == address:
		w.open &^= 1 << thread
	}
}

// ends reports whether a code about a task says that it ended.
func ends(code int) bool {
	switch code {
	case codeReturned, codeRaised, codeCancelled, codeReturnedNumber, codeCancelledNumber, codeReturnedName, codeCancelledName:
		return true
	}
	return false
}

// openNext goes to the next slots file if there is one.
func (w *Watch) openNext() bool {
	f, err := openRegular(w.prefix + "." + strconv.Itoa(w.index+1) + ".slots")
	if err != nil {
		return false
	}
	var h [slotsHeader]byte
	n, _ := f.ReadAt(h[:], 0)
	encoding := binary.LittleEndian.Uint32(h[8:])
	if n < slotsHeader || string(h[:8]) != slotsMagic || encoding != slotFloats && encoding != slotIntegers {
		f.Close() // it was just created
		return false
	}
	if w.file != nil {
		w.file.Close()
	}
	w.file, w.float, w.pos = f, encoding == slotFloats, slotsHeader
	w.index++
	return true
}

// Open yields every thread that is in a step or callback.
func (w *Watch) Open(yield func(ThreadID, OpenStep) bool) {
	for id, s := range w.threads {
		if w.open&(1<<id) != 0 && !yield(ThreadID(id), s) {
			return
		}
	}
}

// Busy reports whether a thread is in a step or callback.
func (w *Watch) Busy() bool { return w.open != 0 }

// In reports whether the thread is still in that step, as of the last Poll.
func (w *Watch) In(id ThreadID, s OpenStep) bool {
	return w.open&(1<<id) != 0 && w.threads[id].Position == s.Position
}

// Started returns what the process said of itself; nil if it has not yet.
func (w *Watch) Started() Attrs {
	if w.started == nil {
		w.readFacts()
	}
	return w.started
}

// Thread returns the names of a thread. 0 stands for the first one that ran a loop.
func (w *Watch) Thread(id ThreadID) (ThreadName, bool) {
	find := func() (ThreadName, bool) {
		n := id
		if n == 0 {
			n = w.running
		}
		name, ok := w.known[n]
		return name, ok
	}
	if name, ok := find(); ok {
		return name, true
	}
	w.readFacts()
	return find()
}

// readFacts takes what was added to the facts.
func (w *Watch) readFacts() {
	f, err := openRegular(w.prefix + ".facts")
	if err != nil {
		return
	}
	defer f.Close() // read only
	if _, err := f.Seek(w.factsAt, io.SeekStart); err != nil {
		return
	}
	in := bufio.NewReaderSize(f, watchMore)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return // torn: it is read again
		}
		w.factsAt += int64(len(line))
		w.fact(strings.TrimSuffix(line, "\n"))
	}
}

func (w *Watch) fact(line string) {
	if line == "" || line[0] == '=' {
		return
	}
	_, rest := cutWord(line)
	_, rest = cutWord(rest)
	name, rest := cutWord(rest)
	kind, _ := ParseKind(name)
	if kind != ProcessStarted && kind != ThreadSeen && kind != RunBegun {
		return
	}
	var e Event
	decodeFact(fact{kind: kind, rest: rest}, &e, func(uint64) TaskID { return 0 })
	switch kind {
	case ProcessStarted:
		w.started = e.Attrs
	case ThreadSeen:
		w.known[e.Thread] = ThreadName{parseNumber(e.Attrs.Get("ident")), parseNumber(e.Attrs.Get("native"))}
	case RunBegun:
		if w.running == 0 {
			w.running = e.Thread
		}
	}
}

func parseNumber(s string) uint64 {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Close closes what is open.
func (w *Watch) Close() {
	if w.file != nil {
		w.file.Close() // read only
		w.file = nil
	}
}
