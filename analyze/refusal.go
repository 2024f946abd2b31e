package analyze

import "github.com/looptrace/looptrace/recorder/tracefile"

// Moment is when and where something was done that matters later.
type Moment struct {
	TimeNS int64
	Stack  []Frame
	At     *Frame // nil if no line of the program did it, or it was not observed
}

// CallRefusal is a call of asyncio that raised, because of how it was used.
type CallRefusal struct {
	TimeNS    int64
	Process   *Process
	Thread    string
	Task      *Task  // running in the caller, or what the message is about
	Loop      *Loop  // whose method was called; nil for the others
	Call      string // "Lock.release", "create_task"
	Exception string
	Words     string // of asyncio's source, without the values in it
	Stack     []Frame
	At        *Frame
	Closed    []Frame // stack of the close() of what was used; nil if it was not closed, or that was not observed
	// Expected says that a handler around the call takes the exception without telling anyone: "asserted" if it is that of a
	// test which says that it must come, "named" if it is one for such exceptions, "broad" if it is one for all; "" if there is
	// none, or it tells.
	Expected string
	// Handled reports that a loop was made, set or run while the exception was being handled: asking was a way to find out.
	Handled bool
	// Left is what the exception ended; nil if the program caught it.
	Left *Failure
}

// What an exception ended.
const (
	FailedTask     = "task"
	FailedCallback = "callback"
	FailedThread   = "thread"
	FailedProcess  = "process"
)

// Failure is an exception that ended a task, a callback, a thread or the process. Of tasks and callbacks those are kept whose
// words are asyncio's or the interpreter's own.
type Failure struct {
	TimeNS    int64
	Process   *Process
	Ended     string // FailedTask…
	Thread    string
	Task      *Task
	Exception string
	Words     string
	Resolved  string  // state of the future that was resolved once more: "finished", "cancelled"; "" if that is not known
	Stack     []Frame // of the traceback, innermost first
	At        *Frame
	First     *Frame // the only other line that can have resolved that future before; At if no other resolves any; nil if that is not known
	Scheduled *Frame // the only line that can have made a future's own method the callback that failed; nil for other callbacks
}

// LoopSet is one set_event_loop().
type LoopSet struct {
	TimeNS int64
	Thread string
	Loop   *Loop // nil: None
	Stack  []Frame
	At     *Frame
}

func (p *proc) callRefused(e *tracefile.Event) {
	if len(p.pub.Refused) >= maxRepeats {
		p.omitted++
		return
	}
	s := p.stack(e.Stack)
	r := &CallRefusal{
		TimeNS:    p.b.rel(e.Time),
		Process:   p.pub,
		Thread:    p.threadName(e.Thread),
		Task:      p.public(e.Task, nil),
		Loop:      p.knownLoop(e.Loop).facts(),
		Call:      e.Attrs.Get("call"),
		Exception: e.Attrs.Get("exception"),
		Words:     e.Attrs.Get("words"),
		Expected:  e.Attrs.Get("expected"),
		Stack:     s.list(),
		At:        caller(s.list(), lastPart(e.Attrs.Get("call")), ""),
		Closed:    p.stackAttr(e, "closed_stack").list(),
	}
	r.At = lineIn(r.Task, r.At, r.Stack)
	p.pub.Refused = append(p.pub.Refused, r)
}

func (p *proc) refusalHandled(e *tracefile.Event) {
	name := p.threadName(e.Thread)
	for i := len(p.pub.Refused) - 1; i >= 0; i-- {
		if r := p.pub.Refused[i]; r.Thread == name {
			r.Handled = true
			return
		}
	}
}

func (p *proc) loopSet(e *tracefile.Event) {
	if len(p.pub.LoopSets) >= maxRepeats {
		p.omitted++
		return
	}
	s := p.stack(e.Stack)
	p.pub.LoopSets = append(p.pub.LoopSets, LoopSet{
		TimeNS: p.b.rel(e.Time), Thread: p.threadName(e.Thread), Loop: p.knownLoop(e.Loop).facts(), Stack: s.list(), At: s.user(),
	})
}

func (p *proc) threadFailed(e *tracefile.Event) { p.failed(e, FailedThread, e.Attrs.Get("exception")) }

func (p *proc) failed(e *tracefile.Event, ended, exception string) {
	if len(p.pub.Failures) >= maxRepeats {
		p.omitted++
		return
	}
	s := p.stackAttr(e, "raised_stack")
	p.pub.Failures = append(p.pub.Failures, &Failure{
		TimeNS: p.b.rel(e.Time), Process: p.pub, Ended: ended, Thread: p.threadName(e.Thread), Task: p.public(e.Task, nil), Exception: exception,
		Words: e.Attrs.Get("words"), Resolved: e.Attrs.Get("resolved"), Stack: s.list(), At: s.user(),
		Scheduled: p.stackAttr(e, "scheduled_stack").user(), First: p.stackAttr(e, "first_stack").user(),
	})
}

// linkRefusals finds out which refused calls raised an exception that nobody caught.
func (p *proc) linkRefusals() {
	if x := &p.pub.Exit; x.Uncaught != "" {
		f := &Failure{TimeNS: x.TimeNS, Process: p.pub, Ended: FailedProcess, Exception: x.Uncaught, Words: x.UncaughtText, Stack: x.UncaughtStack}
		f.Thread = x.Thread
		f.At = innermost(f.Stack)
		p.pub.Failures = append(p.pub.Failures, f)
	}
	for _, f := range p.pub.Failures {
		for i := len(p.pub.Refused) - 1; i >= 0; i-- {
			r := p.pub.Refused[i]
			if at := innermost(r.Stack); r.TimeNS <= f.TimeNS && r.Words == f.Words && at != nil && f.At != nil && at.same(f.At) {
				if r.Left == nil {
					r.Left = f
				}
				break
			}
		}
	}
}

// same reports whether two frames are at one line.
func (f *Frame) same(o *Frame) bool {
	return f.File == o.File && f.Line == o.Line && f.Function == o.Function
}
