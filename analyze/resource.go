package analyze

import "github.com/looptrace/looptrace/recorder/tracefile"

// Resource is something that was still open at a moment: when a loop was closed, when a wait for it began, at the end.
type Resource struct {
	Kind    string // "job", "thread", "subprocess", "transport", "server", "asyncgen"
	ID      int    // the same for the same thing of its kind in its process; 0 if it has none
	Moment  string // "close", "join", "wait-closed", "collected", "exit"
	Process *Process
	Loop    *Loop
	Close   *Close // the close that found it, for moment "close"
	TimeNS  int64
	EndedNS int64   // 0: its end was not seen
	Ended   string  // how it ended: "ended"; for the wait for a server "returned" or "raised"
	Owner   *Task   // that opened it; that waits for a server
	Stack   []Frame // where it was opened, or where the wait for it began
	At      *Frame
	Name    string // qualified name of a job's function, type of a transport
	State   string // "running", "queued", "finished" (its result is on its way), "open", "closing", "ended"

	Wanted      bool // of a job: nobody cancelled the future of it
	Awaited     bool // of a job: somebody waits for its future
	AgeNS       int64
	Thread      string  // that works on it
	ThreadStack []Frame // innermost first
	ThreadAt    *Frame

	PID     int     // of a child process
	Unsent  bool    // of a transport: it holds data still to be written
	Count   int     // open connections of a server
	LeftNow int     // of them when the wait ended; -1 if that was not seen
	Tasks   []*Task // that serve them
}

// Join is a wait for the threads of executors, or for all threads at exit.
type Join struct {
	Process        *Process
	Where          string // "run": by asyncio.run(), "exit": by the interpreter, "shutdown": by the program
	BeginNS, EndNS int64  // EndNS 0: it never ended
	Thread         string
	Stack          []Frame
	At             *Frame
	Jobs           []*Resource // that had not ended when it began
	Threads        []*Resource // other threads that were waited for as well
}

type resourceKey struct {
	kind string
	id   int
}

func (p *proc) resourceLeft(e *tracefile.Event) {
	if len(p.pub.Resources) >= maxRepeats {
		p.omitted++
		return
	}
	a := e.Attrs
	l := p.knownLoop(e.Loop)
	s := p.stack(e.Stack)
	on := p.stackAttr(e, "thread_stack")
	r := &Resource{
		Kind: a.Get("resource"), ID: int(number(a.Get("id"))), Moment: a.Get("moment"), Process: p.pub, Loop: l.facts(),
		TimeNS: p.b.rel(e.Time), Owner: p.public(e.Task, l), Stack: s.list(),
		Name: text(e, "name", e.Name), State: a.Get("state"), Wanted: isSet(e, "wanted"), Awaited: isSet(e, "awaited"),
		AgeNS: int64(number(a.Get("age"))), Thread: a.Get("thread_name"), ThreadStack: on.list(), ThreadAt: on.user(),
		PID: int(number(a.Get("pid"))), Unsent: isSet(e, "unsent"), Count: int(number(a.Get("count"))), LeftNow: -1,
	}
	if r.Owner == nil {
		r.Owner = p.openers[resourceKey{r.Kind, r.ID}]
	}
	r.At = openedAt(r)
	for _, id := range fields(a.Get("tasks")) {
		if t := p.public(tracefile.TaskID(number(id)), l); t != nil {
			r.Tasks = append(r.Tasks, t)
		}
	}
	if r.Moment == "close" && l != nil && len(l.closes) > 0 {
		r.Close = l.closes[len(l.closes)-1]
	}
	p.pub.Resources = append(p.pub.Resources, r)
	if r.ID != 0 {
		key := resourceKey{r.Kind, r.ID}
		p.left[key] = append(p.left[key], r)
	}
	if j := p.joins[a.Get("join")]; j != nil {
		if r.Kind == "thread" {
			j.Threads = append(j.Threads, r)
		} else {
			j.Jobs = append(j.Jobs, r)
		}
	}
}

func (p *proc) resourceOpened(e *tracefile.Event) {
	if len(p.openers) < 2*maxRepeats {
		p.openers[resourceKey{e.Attrs.Get("resource"), int(number(e.Attrs.Get("id")))}] = p.public(e.Task, p.knownLoop(e.Loop))
	}
}

// openedAt returns the line of the program that opened something. Where the coroutine of a library did, as a task of its own
// (wait_for() made those up to 3.11), it is the line that spawned the task: what is further out only runs the loop.
func openedAt(r *Resource) *Frame {
	for i := range r.Stack {
		if r.Stack[i].User {
			return &r.Stack[i]
		}
		if runsHandles(&r.Stack[i]) {
			break
		}
	}
	if r.Owner != nil && r.Owner.Site != nil && r.Owner.Site.At != nil {
		return r.Owner.Site.At
	}
	return innermost(r.Stack)
}

func (p *proc) resourceEnded(e *tracefile.Event) {
	for _, r := range p.left[resourceKey{e.Attrs.Get("resource"), int(number(e.Attrs.Get("id")))}] {
		if r.EndedNS != 0 {
			continue
		}
		r.EndedNS, r.Ended = p.b.rel(e.Time), e.Attrs.Get("state")
		if e.Attrs.Has("count") {
			r.LeftNow = int(number(e.Attrs.Get("count")))
		}
	}
}

func (p *proc) joinBegun(e *tracefile.Event) {
	if len(p.pub.Joins) >= maxRepeats {
		p.omitted++
		return
	}
	s := p.stack(e.Stack)
	j := &Join{
		Process: p.pub, Where: e.Attrs.Get("where"), BeginNS: p.b.rel(e.Time), Thread: p.threadName(e.Thread),
		Stack: s.list(), At: s.user(),
	}
	p.pub.Joins = append(p.pub.Joins, j)
	p.joins[e.Attrs.Get("id")] = j
}

func (p *proc) joinEnded(e *tracefile.Event) {
	if j := p.joins[e.Attrs.Get("id")]; j != nil && j.EndNS == 0 {
		j.EndNS = p.b.rel(e.Time)
	}
}
