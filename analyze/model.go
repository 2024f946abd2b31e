// Package analyze rebuilds what a recorded program did from the events of a trace: loops, runs, tasks, closes and what was
// live at each. It holds facts only; whether a fact is a fault is for package rule.
//
// Build makes one pass over the events (build.go), which every noun handles in a file of its own: process.go, loop.go,
// close.go, live.go, task.go, step.go, await.go, fork.go, context.go. It keeps what is live, one entry per spawn site, and
// those ended tasks that something in Run refers to. What is missing from the trace is in Run.Health.
//
// All times are ns since the run's start (RunInfo.StartedNS); 0 where something did not happen.
package analyze

import (
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// Frame is one line of a stack or await chain.
type Frame struct {
	File     string
	Line     int
	Function string
	Qualname string
	Text     string // "" if not known
	User     bool   // of the program: neither standard library nor site-packages
}

// Run is everything that is known of one recorded run, the process tree included.
type Run struct {
	Info      tracefile.RunInfo
	Processes []*Process
	Loops     []*Loop
	Closes    []*Close // in order of time, no-op and implicit ones included
	Tasks     []*Task  // by ID: every task that something else here refers to, and the first Options.KeepTasks others
	Folded    []SiteCount
	// Unreachable is what goroutineleak profiles say of the Go processes; none unless one was read.
	Unreachable []Unreachable
	Tests       []*Test   // in the order in which they began
	Timeline    *Timeline // nil unless Options.Timeline asks for it
	Waited      []*Waited // the longest first; nil unless Options.Waited asks for it
	Health      Health
}

// Site is where and for which coroutine tasks were spawned; tasks share it.
type Site struct {
	Stack []Frame // innermost first, at most 8
	Coro  string
	Def   Frame
	// At is the frame that an author would look for: the innermost of the program, plumbing passed over. nil if the
	// stack has no frame of the program.
	At *Frame
	// Via is the library function that spawned the task when no program code did so directly: "asyncio/streams.py:connection_made"; "" otherwise.
	Via string
	// Gather reports that gather() itself wrapped the coroutine in this task.
	Gather bool
}

// Process is one recorded process.
type Process struct {
	ID        int
	PID       int
	Parent    *Process
	Main      bool
	Forked    bool
	Runtime   string // "cpython 3.13.0", "go1.26.8"
	Version   [3]int // of the interpreter, or of Go
	Recorder  string
	Argv      []string
	Cwd       string
	Root      string // of a Go program whose Cwd is not known: the directory that all its files are below; "" otherwise
	TestsDir  string // of a test binary of Go beside others: the directory that all of them were started below; "" otherwise
	StartedNS int64
	Twin      *Process // the same process as another recording tells of it: that of its Go recorder, or its execution trace; nil: none
	ForkedAt  *Frame   // the line of the fork that made this process; nil if that is not known
	Threads   map[tracefile.ThreadID]string
	Signals   []Signal
	Exit      Exit
	LostNS    int64 // since when what is not told may have happened all the same: the recording stopped; 0: never
	Uses      []UseAfterClose
	Refusals  []RunRefusal
	Handled   []HandledException
	Retained  []Retained
	Deadlocks []*Deadlock
	LongSteps []*LongStep // in order of their ends
	Lateness  []Lateness
	Turns     []Turn // which test ran when
	Snapshots []*Snapshot

	Mismatches   []LoopMismatch
	ForeignCalls []*ForeignCall // one per loop, call and stack
	StoppedCalls []StoppedCall

	Refused  []*CallRefusal
	Failures []*Failure
	LoopSets []LoopSet

	Unread    []UnreadException
	Dropped   []DroppedCoroutine
	Asyncgens []AbandonedAsyncgen

	Resources []*Resource // that were still open at some moment
	Joins     []*Join

	Loops []*Loop
}

// Exit is how a process ended.
type Exit struct {
	Observed      bool   // the recorder saw the end coming, or the launcher saw the status
	Reason        string // "exit", "os._exit", "exec", "signal"; "" when the events simply stop
	Code          *int
	Signal        int
	TimeNS        int64   // of the last event when nothing else is known
	Stack         []Frame // of os._exit or exec
	Thread        string
	Task          *Task
	Uncaught      string  // type of the exception that ended the main thread
	UncaughtText  string  // only texts of the interpreter and asyncio themselves
	UncaughtStack []Frame // innermost first
	Live          []*Live // tasks not done on loops that were not closed
	Asleep        bool    // Go found that all goroutines were asleep, and ended the program
	LiveExact     bool    // Live was taken at the end itself; false: rebuilt from the events before a sudden death
}

// Signal is one delivery to a handler set by add_signal_handler.
type Signal struct {
	TimeNS    int64
	Number    int
	Name      string
	Loop      *Loop
	Arrived   bool // no handler ran yet: the process got the signal
	Inherited bool // the handler was set by the parent of this forked child
}

// Loop is one event loop.
type Loop struct {
	ID                                  int
	Process                             *Process
	Inherited                           *Loop // the parent's loop that this forked copy is of
	Class                               string
	Thread                              string // that ran it first, else that opened it
	OpenedNS                            int64
	Stack                               []Frame
	At                                  *Frame
	Runs                                []*LoopRun
	Stops                               []*Stop
	Shutdowns                           []*Shutdown
	Closes                              []*Close
	ClosedBy                            *Close // the close that closed it; nil while open
	AsyncgensShutdown, ExecutorShutdown bool
	ExecutorEnd                         Moment // the first shutdown_default_executor()
	Waits                               []WaitReturned
	Test                                *Test  // that opened it; nil: none
	Fixture                             string // scope of the test fixture that opened it, where that serves more tests: see Turn
	LastNS                              int64  // when it last ran something or waited
	Overlapped                          bool   // of a Go program: steps of two tasks were open at once, so that no single goroutine runs it
}

// LoopRun is one run_forever(), run_until_complete(), asyncio.run() or Runner.run(); they nest.
type LoopRun struct {
	Loop       *Loop
	API        string
	Thread     string
	BeginNS    int64
	EndNS      int64 // 0: never ended
	Stack      []Frame
	At         *Frame
	Target     *Task
	TargetDone bool
	Exception  string  // type of the exception that left it; "" if none
	Message    string  // only asyncio's own texts
	RaisedAt   []Frame // innermost first
	Stopped    bool
	Outer      *LoopRun
	Resumed    *Resumption // of a target that the run left pending; nil if it took no step afterwards
}

// Stop is one call of loop.stop(), those of run_until_complete's own callback excepted.
type Stop struct {
	TimeNS        int64
	Thread        string
	Task          *Task
	Signal        int // of the signal handler that did it; 0 if none
	Stack         []Frame
	At            *Frame
	Run           *LoopRun // the run it stopped; nil if the loop was not running
	TargetPending bool
}

// Shutdown is the phase of asyncio.run() or Runner.close() that cancels what is left.
type Shutdown struct {
	Loop           *Loop
	BeginNS, EndNS int64 // EndNS 0: never ended
	Stack          []Frame
	At             *Frame
	Live           []*Live
	Handling       string // type of the exception that left the run; "" if it returned
}

// WaitReturned is one asyncio.wait() that returned with tasks still pending.
type WaitReturned struct {
	TimeNS   int64
	Caller   *Task
	TimedOut bool
	Stack    []Frame
	At       *Frame
	Left     []*Task
}

// Close is one call of loop.close().
type Close struct {
	Index         int // in Run.Closes
	Loop          *Loop
	Process       *Process
	TimeNS        int64
	Outcome       string // "closed", "refused", "noop", "raised", "seen" (Function was on a stack: what it closed is not known); "" if the process died in it
	Function      string // of a Close that was seen: its full name; "" otherwise
	Implicit      bool   // by BaseEventLoop.__del__
	Thread        string
	Task          *Task // running in the caller
	Signal        int   // of the loop's signal handler that called it; 0 if none
	Stack         []Frame
	At            *Frame
	Running       bool // the loop was running
	RunningThread string
	OtherProcess  bool      // the loop was opened in another process (fork)
	Handling      *Handling // the exception that the caller was handling
	Live          []*Live
	Before        *LoopRun // the last run that ended before; nil if it never ran
	Expected      string   // of a close() of a running loop: as in CallRefusal
}

// Snapshot is what was live at a moment that somebody asks for.
type Snapshot struct {
	Process *Process
	TimeNS  int64
	Why     string // "at"
	Live    []*Live
}

// Unreachable is goroutines of which a goroutineleak profile says that nothing can reach what they wait for.
type Unreachable struct {
	Process *Process
	Stack   []Frame // where they wait, innermost first
	Count   int     // of goroutines in the profile
	Tasks   []*Task // goroutines that were live with this stack; none if none was, or if more were than the profile has
}

// Handling is the exception that was being handled (an except or finally block was active) at a moment.
type Handling struct {
	Type    string
	Context []string // types of its __context__ chain
	Stack   []Frame  // of its traceback, innermost first
	At      *Frame
}

// Live is a task that was not done at a moment.
type Live struct {
	Task             *Task
	State            string  // "suspended", "running", "not-started"; of Go "runnable", too: it waits for nothing but its turn
	Awaiting         []Frame // outermost first
	At               *Frame  // innermost frame of the program; nil if the chain has none
	On               On
	Wait             *Wait    // what it waits in, if that is one of asyncio's own; nil if it is not or was not told
	SinceNS          int64    // since when it is suspended; 0: that is not known
	SinceLeast       bool     // it was suspended before SinceNS already, how long is not known
	AsOfNS           int64    // when the chain was seen; the moment itself unless the process died suddenly
	Steps            int      // taken until then
	MustCancel       bool     // cancel() was called and not delivered
	Cancelling       int      // Task.cancelling(), -1 where the interpreter has none
	WaiterCancelled  bool     // what it waits for is cancelled: the wake-up is on its way
	LogDestroy       bool     // CPython would print "Task was destroyed but it is pending!"
	AwaitedBy        []string // "gather:raised", "shield:cancelled", "wait", "task"…: who listens for its end
	CancelsSoFar     int
	StepsSinceCancel int // -1: never cancelled
}

// On is what a task waits for.
type On struct {
	Kind string // "future", "task", "sleep", "queue", "lock", "event", "condition", "semaphore", "barrier", "executor", "io", "gather", "shield", "wait", "subprocess", "taskgroup", "server", "none"
	Task *Task  // that is awaited, or that holds what is waited for
}

// Task is one task.
type Task struct {
	ID                  int
	Process             *Process
	Loop                *Loop  // nil if it was not observed
	Inherited           *Task  // the parent process's task that this forked copy is of
	Name                string // the last one observed; "" if none was
	Site                *Site
	Parent              *Task
	BirthSeen           bool
	SpawnedNS           int64
	EndedNS             int64 // 0: not ended
	FirstStepNS         int64
	Eager               bool // it took its first step as it was spawned (Python 3.12), which is not in Steps and BusyNS
	Steps               int
	BusyNS              int64  // in steps
	Outcome             string // "pending", "returned", "raised", "cancelled", "collected"
	Exception           *Exception
	Cancels             []Cancel
	Shielded            []Frame   // stack of the shield() put around it; nil if none
	CancelledAtShutdown *Shutdown // the shutdown that found it live
	LastSeen            *Live     // a task that did not end: where it was when it was last seen; nil if it was not
	Test                *Test     // that made it, itself or through other tasks; nil: none
	Fixture             string    // scope of the test fixture that made it, where that serves more tests: see Turn
	SpawnRun            *LoopRun  // the run of its loop during which it was spawned; nil if before or between runs
	Known               string    // of a goroutine that is no leak by itself: the kind (KnownGoroutine.Name); "": of the program
	LastWake            *Wake     // nil: none was recorded, or the recorder was not asked for them

	waker int // ID of who did LastWake; 0: a callback
}

// Exception is the type of an exception, and its text where that is the interpreter's or asyncio's own.
type Exception struct{ Type, Message string }

// UseAfterClose is a call refused with "Event loop is closed".
type UseAfterClose struct {
	TimeNS    int64
	Loop      *Loop
	Call      string
	Thread    string
	Task      *Task
	Stack     []Frame
	At        *Frame
	Finalizer bool   // under a __del__ or a garbage collection
	Expected  string // as in CallRefusal
}

// RunRefusal is an attempt to run a loop that was refused.
type RunRefusal struct {
	TimeNS   int64
	Loop     *Loop
	Other    *Loop // the running one, for reason "other-loop"
	API      string
	Reason   string // "already-running", "other-loop", "nested-run"
	Message  string
	Thread   string
	Task     *Task
	Stack    []Frame
	At       *Frame
	Expected string // as in CallRefusal
}

// Health says what is missing from the facts, and what could not be decided.
type Health struct {
	Complete  bool
	Events    uint64
	Dropped   uint64
	Truncated bool
	Notes     []string
	Undecided []string // ids of the rules that could not decide something; Notes say what
}
