package tracefile

// The identifiers of a stream are counted by its recorder, from 1; 0 means "none" or "not observed". They are never
// addresses: CPython reuses those.
type (
	StreamID uint32 // one recorded (process, interpreter)
	TaskID   uint32 // a task, counted per stream in the order in which the stream first mentions it
	LoopID   uint32 // an event loop, counted per stream; a forked child keeps the numbers of what it inherited
	ThreadID uint32 // a thread, counted per stream
	SiteID   uint32 // an interned spawn site: creation stack and coroutine
	StackID  uint32 // an interned stack, innermost frame first
	ChainID  uint32 // an interned await chain, outermost frame first, and what its end waits for
)

// Event is one entry of a stream. Which fields mean something depends on Kind; the table in kind.go says which.
type Event struct {
	Time   int64 // ns on the recording host's CLOCK_MONOTONIC
	Kind   Kind
	Stream StreamID
	Thread ThreadID // 0: the only thread that ran a loop so far
	Task   TaskID
	Loop   LoopID
	Site   SiteID
	Stack  StackID
	Chain  ChainID
	Number uint64 // Kind-specific: see the table
	Name   string // task name of TaskEnded (final) and TaskWaiting (at that time); "" if not observed
	Attrs  Attrs  // the fields of a rare event; nil for hot ones
}

// Attr is one field of a rare event.
type Attr struct{ Key, Value string }

// Attrs are the fields of a rare event in the order in which they were written.
type Attrs []Attr

// Get returns the value of the first field named key, "" if there is none.
func (a Attrs) Get(key string) string {
	for _, f := range a {
		if f.Key == key {
			return f.Value
		}
	}
	return ""
}

// Has reports whether there is a field named key.
func (a Attrs) Has(key string) bool {
	for _, f := range a {
		if f.Key == key {
			return true
		}
	}
	return false
}

// Frame is one line of a stack or await chain.
type Frame struct {
	File     string // absolute, or "<…>" for code that never was in a file
	Line     int    // 0 if not observed
	Function string // co_name: "main", "<module>", "<listcomp>"
	Qualname string // co_qualname where the interpreter has it (3.11+), else Function
	Text     string // the source line, stripped; "" if it is not known
}

// Site is where and for which coroutine a task was spawned.
type Site struct {
	Stack StackID
	Coro  string // qualified name of the coroutine, "" if it has none
	Def   Frame  // where the coroutine function is defined; zero if not known
}

// Chain is an await chain at one moment: the frames from the task's coroutine (first) to where it is suspended (last), and
// what the last one waits for.
type Chain struct {
	State  string // "suspended", "running", "not-started" or "done"
	Frames []Frame
	On     string // "future", "task", "gather", "executor", "none"…: by the type of the awaited object, see analyze for the rest
}

// Source yields the events of a trace, stream by stream, a parent's stream before those of its children.
type Source interface {
	// Next returns the next event, which is valid until the following call. At the end it returns io.EOF; a damaged
	// source ends early with io.EOF too and says so in Health.
	Next() (*Event, error)
	// Stack, Site and Chain return a definition of the current stream; the zero value for an unknown id. The result
	// must not be changed and stays valid.
	Stack(StackID) []Frame
	Site(SiteID) Site
	Chain(ChainID) Chain
	// Run returns what the launcher knew; it is complete from the start.
	Run() RunInfo
	// Health says what is known to be missing. It is complete after Next returned io.EOF.
	Health() Health
}

// RunInfo is what the launcher knew of the run. A trace whose launcher died has Ended false.
type RunInfo struct {
	Command    []string
	StartedAt  int64 // Unix ns
	StartedNS  int64 // ns on CLOCK_MONOTONIC: Event.Time minus this is the time since the run's start
	DurationNS int64
	Ended      bool  // the launcher saw the command end: ExitCode and Signal hold
	ExitCode   int   // -1 if a signal ended it
	Signal     int   // 0: none
	PID        int   // of the command
	Outlived   []int // recorded processes that still ran at the end of the run: the rest of what they did is missing
}

// Health says what a source knows to be missing from it.
type Health struct {
	Events    uint64   // events yielded
	Dropped   uint64   // events that the recorder says it had to drop
	Truncated bool     // the source ended in the middle of something
	Notes     []string // sentences for the reader: what is lost, at which offset, and recorder notes
}
