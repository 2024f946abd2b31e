package recorder

import (
	"os"
	"sync"
	"sync/atomic"
)

// envSpool names the directory that the program is to be recorded in; "looptrace run" sets it.
const envSpool = "LOOPTRACE_SPOOL"

// Recorder records the loops of this process. The nil Recorder records nothing.
type Recorder struct {
	opts  options
	clock clock
	tasks atomic.Uint64 // made so far

	mu     sync.Mutex
	loops  []*Loop
	closed bool
}

type options struct{ depth int }

// Option changes how a Recorder records.
type Option func(*options)

// maxDepth is how many frames of a stack are recorded at most.
const maxDepth = 32

// Depth sets how many frames of the stack are recorded where a task is made, 8 if it is not given and 32 at most. 0 is for
// programs that make tasks by the million: then nobody knows where they were made.
func Depth(frames int) Option {
	return func(o *options) { o.depth = min(max(frames, 0), maxDepth) }
}

// New returns a Recorder that keeps in memory what is live, for Loop.Live, Loop.Close and Verify, and writes nothing.
func New(opts ...Option) *Recorder {
	r := &Recorder{opts: options{depth: 8}, clock: newClock()}
	for _, o := range opts {
		o(&r.opts)
	}
	return r
}

// FromEnv returns the Recorder of a program that "looptrace run" started; nil where LOOPTRACE_SPOOL is unset, or where its
// directory cannot be written to. Each call returns a new one: call it once.
func FromEnv() *Recorder {
	dir := os.Getenv(envSpool)
	if dir == "" {
		return nil
	}
	r, err := Open(dir)
	if err != nil {
		return nil // the program comes first, and it has nobody to tell
	}
	return r
}

// Open returns a Recorder that writes to dir, a spool of "looptrace run". An error is one of the file system.
func Open(dir string, opts ...Option) (*Recorder, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	return New(opts...), nil
}

// Close records the end of the process, with what is still live, and closes the files. What happens later is not recorded.
func (r *Recorder) Close() error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	return nil
}

// Loop opens a loop. It returns nil on a nil Recorder.
func (r *Recorder) Loop(name string) *Loop {
	if r == nil {
		return nil
	}
	l := &Loop{rec: r, name: clip(name)}
	r.mu.Lock()
	defer r.mu.Unlock()
	l.id = uint32(len(r.loops) + 1)
	r.loops = append(r.loops, l)
	return l
}

// maxText bounds names and reasons.
const maxText = 200

// clip bounds a text that is kept.
func clip(s string) string {
	if len(s) > maxText {
		return s[:maxText]
	}
	return s
}
