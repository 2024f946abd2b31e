package recorder

import (
	"cmp"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// envSpool names the directory that the program is to be recorded in; "looptrace run" sets it.
const envSpool = "LOOPTRACE_SPOOL"

// Recorder records the loops of this process. The nil Recorder records nothing.
type Recorder struct {
	depth  int
	number uint64 // of the Recorder in this process, from 1
	clock  clock
	spool  *spool        // nil: in memory only
	tasks  atomic.Uint64 // made so far
	sites  placeTable
	waits  placeTable
	names  placeTable

	mu     sync.Mutex
	opened uint32         // loops so far
	loops  map[*Loop]bool // that are open, or run
}

// Option changes how a Recorder records.
type Option func(*Recorder)

// Depth sets how many frames of the stack are recorded where a task is made: 8 if it is not given, 16 at most. With 0 nobody
// knows where tasks were made.
func Depth(frames int) Option {
	return func(r *Recorder) { r.depth = min(max(frames, 0), maxDepth) }
}

// recorders is how many Recorders this process has made: labels of goroutines have to tell their tasks apart.
var recorders atomic.Uint64

// New returns a Recorder that keeps in memory what is live, for Loop.Live, Loop.Close and Verify, and writes nothing.
func New(opts ...Option) *Recorder {
	r := &Recorder{depth: 8, number: recorders.Add(1), clock: newClock(), loops: map[*Loop]bool{}}
	for _, t := range []*placeTable{&r.sites, &r.waits, &r.names} {
		t.init()
	}
	for _, o := range opts {
		o(r)
	}
	return r
}

// Open returns a Recorder that writes to dir, the spool of a "looptrace run". An error is one of the file system, or
// errors.ErrUnsupported where the system is not Linux.
func Open(dir string, opts ...Option) (*Recorder, error) {
	r := New(opts...)
	s, err := openSpool(dir, &r.clock)
	if err != nil {
		return nil, err
	}
	r.spool = s
	return r, nil
}

// byEnv holds the Recorder of each directory that LOOPTRACE_SPOOL named: the libraries of a program share one, and so do not
// make several processes of it.
var byEnv struct {
	sync.Mutex
	dirs map[string]*Recorder
}

// FromEnv returns the Recorder of a program that "looptrace run" started, the same at each call; nil where LOOPTRACE_SPOOL is
// unset or its directory cannot be written to. The options are those of the first call.
func FromEnv(opts ...Option) *Recorder {
	dir := os.Getenv(envSpool)
	if dir == "" {
		return nil
	}
	byEnv.Lock()
	defer byEnv.Unlock()
	r, ok := byEnv.dirs[dir]
	if !ok {
		r, _ = Open(dir, opts...) // nil: the program comes first, and has nobody to tell
		if byEnv.dirs == nil {
			byEnv.dirs = map[string]*Recorder{}
		}
		byEnv.dirs[dir] = r
	}
	return r
}

// Close records that the process ends, and what is still live in loops that were not closed. It belongs at the very end of
// main: what happens later is not recorded. Without it the end is told from what was recorded last. An error is one of the
// file system.
func (r *Recorder) Close() error {
	if r == nil || r.spool == nil {
		return nil
	}
	r.mu.Lock()
	loops := slices.SortedFunc(maps.Keys(r.loops), func(a, b *Loop) int { return cmp.Compare(a.id, b.id) })
	r.mu.Unlock()
	return r.spool.close(func() {
		var list []*liveTask
		for _, l := range loops {
			if !l.closed.Load() {
				live, _ := l.snapshot(false)
				list = append(list, live...)
			}
		}
		find(list)
		r.spool.tellLive(list)
	})
}

// Loop opens a loop. It returns nil on a nil Recorder.
func (r *Recorder) Loop(name string) *Loop {
	if r == nil {
		return nil
	}
	l := &Loop{rec: r, name: clip(name), number: mirrorLoops.Add(1)}
	if l.name == "goroutines" || l.name == "user tasks" { // which mean something else in a trace
		l.name += " loop"
	}
	stack := callers(maxDepth)
	r.mu.Lock()
	r.opened++
	l.id = r.opened
	r.loops[l] = true
	r.mu.Unlock()
	l.tell("loop_opened", stack, func(f line) { f.text("class", l.name) })
	l.mirrorOpen()
	return l
}

// maxText bounds names and reasons.
const maxText = 200

// clip bounds a text that is kept.
func clip(s string) string {
	if len(s) > maxText {
		return strings.Clone(s[:maxText]) // and not keep all of it
	}
	return s
}
