package analyze

import (
	"errors"
	"fmt"
	"io"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// Options bound what Build keeps.
type Options struct {
	// KeepTasks is how many finished tasks are kept beside those that something else refers to; as many that ended with
	// an exception are kept on top. 0 stands for 10 000, a negative number for none.
	KeepTasks int
	// Timeline asks for Run.Timeline, and for the tasks in it to be kept; nil: there is none.
	Timeline *TimelineOptions
	Folding  Folding // which goroutines are known; see Task.Known
	// At asks for what was live in Go programs at moments in ns since the run's start: see Process.Snapshots.
	At []int64
	// Waited asks for Run.Waited.
	Waited bool
}

const defaultKeepTasks = 10_000

// Build reads all events of src and rebuilds the run. An error is one of reading; a damaged trace is none: what is missing
// is in Run.Health.
func Build(src tracefile.Source, opts Options) (*Run, error) {
	b := newBuilder(src, opts)
	for {
		e, err := src.Next()
		if errors.Is(err, io.EOF) {
			return b.finish(), nil
		}
		if err != nil {
			return nil, fmt.Errorf("read events: %w", err)
		}
		b.event(e)
	}
}

// builder is the state of one pass.
type builder struct {
	src     tracefile.Source
	run     *Run
	base    int64 // CLOCK_MONOTONIC at the run's start; all times of Run are relative to it
	keep    int
	kept    int // finished tasks kept so far
	raised  int // tasks kept because they raised
	lastID  int // of tasks
	procs   []*proc
	streams map[tracefile.StreamID]*proc
	cur     *proc
	sites   siteTable
	pool    taskPool
	notes   []string
	cut     int // ancestors dropped from endless chains of parents

	timeline *timeline // nil: not asked for
	knowns   *knowns
	at       []int64 // Options.At
	waited   *waited // nil: not asked for
}

func newBuilder(src tracefile.Source, opts Options) *builder {
	info := src.Run()
	b := &builder{
		src:     src,
		run:     &Run{Info: info},
		base:    info.StartedNS,
		keep:    opts.KeepTasks,
		streams: map[tracefile.StreamID]*proc{},
		knowns:  newKnowns(opts.Folding),
		at:      opts.At,
	}
	switch {
	case b.keep == 0:
		b.keep = defaultKeepTasks
	case b.keep < 0:
		b.keep = 0
	}
	if opts.Timeline != nil {
		b.timeline = newTimeline(opts.Timeline)
	}
	if opts.Waited {
		b.waited = newWaited()
	}
	b.sites.init()
	return b
}

// rel turns a time of the recording host into one since the run's start. 0 means "never" in the facts, so an event at the
// very start is one nanosecond late.
func (b *builder) rel(t int64) int64 {
	if t -= b.base; t != 0 {
		return t
	}
	return 1
}

// event takes in one event. The cases are in the order of their frequency.
func (b *builder) event(e *tracefile.Event) {
	p := b.cur
	if p == nil || p.stream != e.Stream {
		p = b.enter(e)
	}
	if e.Time > p.last {
		if e.Time > p.askedNext {
			p.passMoments(e.Time)
		}
		p.last = e.Time
	}
	switch e.Kind {
	case tracefile.StepBegun:
		p.stepBegun(e)
	case tracefile.CallbackBegun:
		p.callbackBegun(e)
	case tracefile.IOWaitEnded:
		p.waitEnded(e)
	case tracefile.IOWaitBegun:
		p.waitBegun(e)
	case tracefile.TaskWaiting:
		p.taskWaiting(e)
	case tracefile.TaskSpawned:
		p.taskSpawned(e)
	case tracefile.TaskEnded:
		p.taskEnded(e)
	case tracefile.CancelRequested:
		p.cancelRequested(e)
	case tracefile.TaskWoken:
		p.taskWoken(e)
	case tracefile.TaskFailed:
		p.taskFailed(e)
	case tracefile.StepEnded:
		p.stepEnded(e)
	default:
		p.rare(e)
	}
}

// rare takes in one event of the kinds that carry Attrs. Kinds that are not known are passed over.
func (p *proc) rare(e *tracefile.Event) {
	if f := rareEvents[e.Kind]; f != nil {
		f(p, e)
	}
}

// rareEvents is a table and not a switch so that every noun's file holds its own handlers in full.
var rareEvents = map[tracefile.Kind]func(*proc, *tracefile.Event){
	tracefile.ProcessStarted: (*proc).started,
	tracefile.ProcessForked:  (*proc).forked,
	tracefile.TaskInherited:  (*proc).taskInherited,
	tracefile.ProcessEnding:  (*proc).processEnding,
	tracefile.ThreadSeen:     (*proc).threadSeen,
	tracefile.NoteAdded:      (*proc).noteAdded,
	tracefile.TestBegun:      (*proc).testBegun,

	tracefile.LoopOpened:        (*proc).loopOpened,
	tracefile.RunBegun:          (*proc).runBegun,
	tracefile.RunEnded:          (*proc).runEnded,
	tracefile.RunRefused:        (*proc).runRefused,
	tracefile.LoopStopped:       (*proc).loopStopped,
	tracefile.CloseBegun:        (*proc).closeBegun,
	tracefile.LiveTask:          (*proc).liveTask,
	tracefile.CloseEnded:        (*proc).closeEnded,
	tracefile.SnapshotBegun:     (*proc).snapshotBegun,
	tracefile.StepsSummed:       (*proc).stepsSummed,
	tracefile.TasksSkipped:      (*proc).tasksSkipped,
	tracefile.ShutdownBegun:     (*proc).shutdownBegun,
	tracefile.ShutdownEnded:     (*proc).shutdownEnded,
	tracefile.LoopUsedClosed:    (*proc).loopUsedClosed,
	tracefile.AsyncgensShutdown: (*proc).asyncgensShutdown,
	tracefile.ExecutorShutdown:  (*proc).executorShutdown,

	tracefile.SignalReceived:   (*proc).signalReceived,
	tracefile.TaskShielded:     (*proc).taskShielded,
	tracefile.WaitReturned:     (*proc).waitReturned,
	tracefile.RetainedTasks:    (*proc).retainedTasks,
	tracefile.TaskTaken:        (*proc).taskTaken,
	tracefile.StepSampled:      (*proc).stepSampled,
	tracefile.LoopLate:         (*proc).loopLate,
	tracefile.ExceptionHandled: (*proc).exceptionHandled,
	tracefile.TaskBlocked:      (*proc).taskBlocked,

	tracefile.LoopMismatch:    (*proc).loopMismatch,
	tracefile.ForeignCall:     (*proc).foreignCall,
	tracefile.StoppedLoopCall: (*proc).stoppedLoopCall,
	tracefile.LoopSet:         (*proc).loopSet,
	tracefile.CallRefused:     (*proc).callRefused,
	tracefile.RefusalHandled:  (*proc).refusalHandled,
	tracefile.ThreadFailed:    (*proc).threadFailed,

	tracefile.ExceptionUnread:   (*proc).exceptionUnread,
	tracefile.CoroutineDropped:  (*proc).coroutineDropped,
	tracefile.AsyncgenAbandoned: (*proc).asyncgenAbandoned,

	tracefile.ResourceOpened:    (*proc).resourceOpened,
	tracefile.ResourceLeft:      (*proc).resourceLeft,
	tracefile.ResourceEnded:     (*proc).resourceEnded,
	tracefile.ExecutorJoinBegun: (*proc).joinBegun,
	tracefile.ExecutorJoinEnded: (*proc).joinEnded,
}
