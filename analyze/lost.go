package analyze

import (
	"strings"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// HandledException is one call of a loop's exception handler.
type HandledException struct {
	TimeNS      int64
	Loop        *Loop
	Thread      string
	Task        *Task  // that it is about; the one whose step was refused
	Message     string // in asyncio's own words
	Exception   string // type
	Raised      []Frame
	At          *Frame  // where the program raised it; nil if no frame of the program did
	Stack       []Frame // where the handler was called
	Callback    string  // qualified name of the function that was called back
	CallbackDef *Frame  // where that is defined
	Coro        string  // of a coroutine that was given in place of a callback
	Call        *Frame  // the only line that can have made that coroutine, or set that exception; nil if there are more
	Future      string  // type of a future that is no task
	Asyncgen    string
	Opened      []Frame // stack of the generator's first iteration
	Refused     string  // "Cannot enter into task", "Leaving task": asyncio refused the step
	Running     *Task   // that was being stepped meanwhile
	Forgotten   bool    // of the failed inner future of a shield() that was cancelled: nothing refers to it that could still ask
}

// UnreadException is the exception of a task or future that still existed at the end of the process and that nobody had asked.
type UnreadException struct {
	TimeNS    int64
	Loop      *Loop
	Task      *Task
	Future    string // type of a future that is no task
	Exception string
	Raised    []Frame
	At        *Frame
	Call      *Frame // the only line that can have set it, where it was never raised; nil if there are more
}

// DroppedCoroutine is a coroutine that went away without having taken a step.
type DroppedCoroutine struct {
	TimeNS   int64
	Thread   string
	Task     *Task // that ran then
	Stack    []Frame
	Coro     string
	Def      *Frame
	Call     *Frame // where it was made, or, with Callback or Handed, its function handed over; nil if that could not be told
	How      string // how Call was found: "line", "function", "search", "exit"
	Fate     string // of what the call returned: "popped", "stored", "passed", "returned", "value"
	Callback bool   // the loop called its function back
	Handed   bool   // a library did, which had been given the function
	AtEnd    bool   // it still existed when the process ended
	Count    int    // so many were dropped there so far
}

// AbandonedAsyncgen is an async generator whose end nobody will bring about.
type AbandonedAsyncgen struct {
	TimeNS  int64
	ID      int
	Loop    *Loop
	Task    *Task // that closes it, in state "closing"
	Name    string
	Moment  string // "close", "exit", "collected"
	State   string // "suspended", "iterated", "closing", "scheduled", "dropped"
	Cleanup bool   // it stands in a block that has something to clean up
	Stack   []Frame
	Opened  *Frame // where its iteration began
	At      *Frame // where it stands
}

func (p *proc) exceptionHandled(e *tracefile.Event) {
	if len(p.pub.Handled) >= maxRepeats {
		p.omitted++
		return
	}
	l := p.knownLoop(e.Loop)
	p.taskDestroyed(e, l)
	raised := p.stackAttr(e, "raised_stack")
	p.pub.Handled = append(p.pub.Handled, HandledException{
		TimeNS: p.b.rel(e.Time), Loop: l.facts(), Thread: p.threadName(e.Thread), Task: p.public(e.Task, l),
		Message: e.Attrs.Get("message"), Exception: e.Attrs.Get("exception"),
		Raised: raised.list(), At: raised.user(), Stack: p.stack(e.Stack).list(),
		Callback: e.Attrs.Get("callback"), CallbackDef: p.frameAttr(e, "callback_stack"), Coro: e.Attrs.Get("coro"), Call: p.frameAttr(e, "call_stack"),
		Future: e.Attrs.Get("future"), Asyncgen: e.Attrs.Get("asyncgen"), Opened: p.stackAttr(e, "opened_stack").list(),
		Refused: e.Attrs.Get("refused"), Running: p.public(tracefile.TaskID(number(e.Attrs.Get("running"))), l),
		Forgotten: isSet(e, "forgotten"),
	})
	if e.Attrs.Get("words") != "" {
		p.failed(e, FailedCallback, e.Attrs.Get("exception"))
	}
}

func (p *proc) exceptionUnread(e *tracefile.Event) {
	if len(p.pub.Unread) >= maxRepeats {
		p.omitted++
		return
	}
	l := p.knownLoop(e.Loop)
	raised := p.stackAttr(e, "raised_stack")
	p.pub.Unread = append(p.pub.Unread, UnreadException{
		TimeNS: p.b.rel(e.Time), Loop: l.facts(), Task: p.public(e.Task, l), Future: e.Attrs.Get("future"),
		Exception: e.Attrs.Get("exception"), Raised: raised.list(), At: raised.user(),
		Call: p.frameAttr(e, "call_stack"),
	})
}

func (p *proc) coroutineDropped(e *tracefile.Event) {
	if len(p.pub.Dropped) >= maxRepeats {
		p.omitted++
		return
	}
	p.pub.Dropped = append(p.pub.Dropped, DroppedCoroutine{
		TimeNS: p.b.rel(e.Time), Thread: p.threadName(e.Thread), Task: p.public(e.Task, nil), Stack: p.stack(e.Stack).list(),
		Coro: e.Attrs.Get("coro"), Def: p.frameAttr(e, "def_stack"), Call: p.frameAttr(e, "call_stack"),
		How: e.Attrs.Get("how"), Fate: e.Attrs.Get("fate"), Callback: isSet(e, "callback"), Handed: e.Attrs.Get("callback") == "2", AtEnd: isSet(e, "at_end"),
		Count: int(number(e.Attrs.Get("count"))),
	})
}

func (p *proc) asyncgenAbandoned(e *tracefile.Event) {
	if len(p.pub.Asyncgens) >= maxRepeats {
		p.omitted++
		return
	}
	s := p.stack(e.Stack)
	p.pub.Asyncgens = append(p.pub.Asyncgens, AbandonedAsyncgen{
		TimeNS: p.b.rel(e.Time), ID: int(number(e.Attrs.Get("id"))), Loop: p.knownLoop(e.Loop).facts(), Name: text(e, "name", e.Name),
		Task:   p.public(e.Task, p.knownLoop(e.Loop)),
		Moment: e.Attrs.Get("moment"), State: e.Attrs.Get("state"), Cleanup: isSet(e, "cleanup"),
		Stack: s.list(), Opened: s.user(), At: p.frameAttr(e, "at_stack"),
	})
}

// frameAttr resolves an attribute that names a stack of one frame, nil if there is none.
func (p *proc) frameAttr(e *tracefile.Event, key string) *Frame {
	frames := p.stackAttr(e, key).list()
	if len(frames) == 0 {
		return nil
	}
	return &frames[0]
}

// taskDestroyed takes a task that was collected while its loop was open out of what is live.
func (p *proc) taskDestroyed(e *tracefile.Event, l *loop) {
	if l == nil || l.pub.ClosedBy != nil || len(l.closes) > 0 || !strings.HasPrefix(e.Attrs.Get("message"), "Task was destroyed") {
		return
	}
	if t := p.task(e.Task, l); t != nil && t.outcome == 0 {
		t.missing = true
		if t.live {
			t.loop.removeLive(t)
		}
	}
}
