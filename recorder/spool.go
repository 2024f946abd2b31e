package recorder

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/looptrace/looptrace/recorder/internal/escape"
)

// tornEnd ends a line that could not be written to its end.
const tornEnd = "\x18\n"

// spool is what a process writes: a file of facts and segments of slots, both written through. The nil spool writes nothing.
type spool struct {
	dir, token string
	clock      *clock

	seg      atomic.Pointer[segment] // nil: tasks and steps are not recorded any more
	rolling  sync.Mutex
	segments int
	mapped   []byte
	stopped  atomic.Pointer[string] // why, until that is written

	mu      sync.Mutex // of all that follows
	fd      int
	file    stat
	torn    bool
	failed  int64 // when facts could not be written; 0: the last time they could
	ended   bool
	ordinal uint64
	buf     []byte // lines not written yet
	told    bool   // buf has facts, too
	ids     ids
}

// openSpool begins the files of this process.
func openSpool(dir string, c *clock) (*spool, error) {
	dir, err := filepath.Abs(dir) // the program may go elsewhere
	if err != nil {
		return nil, err
	}
	s := &spool{dir: dir, clock: c, fd: -1}
	s.ids.init()
	if err := s.openFacts(); err != nil {
		return nil, err
	}
	s.seg.Store(&segment{})
	s.lock()
	defer s.unlock()
	s.started()
	return s, nil
}

func (s *spool) lock() { s.mu.Lock() }

// unlock writes what was put together, and lets a slot say where it happened.
func (s *spool) unlock() {
	s.flush(reservation{})
	s.mu.Unlock()
	s.tellStop()
}

// flush writes the lines. at is the slot that says when the facts among them happened, where that was reserved before.
func (s *spool) flush(at reservation) {
	if len(s.buf) == 0 && !s.told {
		return
	}
	if len(s.buf) > 0 {
		s.write()
	}
	if s.told {
		if at.seg == nil {
			at = s.reserve(1)
		}
		at.set(0, slotFact, s.ordinal)
	}
	s.buf, s.told = s.buf[:0], false
	if cap(s.buf) > 2*maxBuffer {
		s.buf = nil
	}
}

// maxBuffer is about how many bytes of facts are put together before they are written.
const maxBuffer = 1 << 20

// pause is how long no fact is written after one could not be: on a full disk each try takes its time.
const pause = 100_000_000

// write appends the lines to the facts. Where that fails a gap in the ordinals says so, also where it was definitions only.
func (s *spool) write() {
	if s.ended {
		return
	}
	if s.failed == 0 || s.clock.now()-s.failed > pause {
		if s.failed = 0; s.append(s.buf) == nil {
			return
		}
		s.failed = s.clock.now()
	}
	s.ordinal++
}

// stop is called where no slots can be written any more. It may be under the lock of the spool, or not.
func (s *spool) stop(why string) {
	s.stopped.Store(&why)
	s.tellStop()
}

// tellStop writes that nothing is recorded any more. Whoever holds the lock does it in the end.
func (s *spool) tellStop() {
	for s.stopped.Load() != nil && s.mu.TryLock() {
		if why := s.stopped.Swap(nil); why != nil {
			s.begin("note_added").text("text", *why).num("stopped", 1).end()
			s.flush(reservation{})
		}
		s.mu.Unlock()
	}
}

// line is a fact that is being put together.
type line struct{ s *spool }

// begin begins a fact of now.
func (s *spool) begin(kind string) line {
	s.ordinal++
	s.told = true
	s.buf = strconv.AppendUint(s.buf, s.ordinal, 10)
	s.buf = append(s.buf, ' ')
	s.buf = strconv.AppendInt(s.buf, s.clock.now(), 10)
	s.buf = append(append(s.buf, ' '), kind...)
	return line{s}
}

func (l line) end() { l.s.buf = append(l.s.buf, '\n') }

func (l line) key(key string) line {
	l.s.buf = append(append(append(l.s.buf, ' '), key...), '=')
	return l
}

// text adds a field, unless it is empty.
func (l line) text(key, value string) line {
	if value != "" {
		l.key(key)
		l.s.buf = escape.Append(l.s.buf, value, "@,")
	}
	return l
}

// num adds a field, unless it is 0.
func (l line) num(key string, value uint64) line {
	if value != 0 {
		l.key(key)
		l.s.buf = strconv.AppendUint(l.s.buf, value, 10)
	}
	return l
}

// task adds a field that names a task.
func (l line) task(key string, id uint64) line {
	if id != 0 {
		l.key(key)
		l.s.buf = strconv.AppendUint(append(l.s.buf, '@'), id<<4, 16)
	}
	return l
}

// started writes who the process is.
func (s *spool) started() {
	cwd, _ := os.Getwd()
	exe, _ := os.Executable()
	version, _, _ := strings.Cut(runtime.Version(), " ")
	l := s.begin("process_started").num("pid", uint64(os.Getpid())).num("ppid", uint64(os.Getppid()))
	l.text("argv", jsonList(os.Args)).text("runtime", version).text("recorder", "go").text("lanes", "task")
	l.text("cwd", cwd).text("executable", exe).text("stdlib", jsonList(stdlib())).num("wall", uint64(s.clock.at(s.clock.now()).UnixNano()))
	l.end()
}

// stdlib returns the directory of the standard library's sources, as they are named in stacks. None where the program was
// built with -trimpath: they have no directory then.
func stdlib() []string {
	f := runtime.FuncForPC(reflect.ValueOf(runtime.GC).Pointer())
	file, _ := f.FileLine(f.Entry())
	if dir, ok := strings.CutSuffix(file, "/runtime/mgc.go"); ok && strings.HasPrefix(dir, "/") {
		return []string{dir}
	}
	return nil
}

// close writes that the process ends and closes the facts. write adds what is live to them.
func (s *spool) close(write func()) error {
	s.lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil
	}
	s.begin("process_ending").text("reason", "exit").end()
	write()
	s.flush(reservation{})
	s.ended = true
	s.rolling.Lock() // a segment that is being made does not come after
	s.seg.Store(nil)
	s.rolling.Unlock()
	return s.closeFile()
}

// jsonList returns texts as a list of JSON. Bytes that are no UTF-8 become replacement characters.
func jsonList(texts []string) string {
	if texts == nil {
		texts = []string{}
	}
	b, err := json.Marshal(texts)
	if err != nil {
		return "[]"
	}
	return string(b)
}
