package analyze

import (
	"encoding/json"
	"math"
	"strings"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// proc is the working state of one stream.
type proc struct {
	b      *builder
	pub    *Process
	stream tracefile.StreamID
	last   int64 // time of the last event
	began  int64 // of the first

	asked     []int64 // moments of Options.At that are still to come, as events have their time
	askedNext int64   // the first of them

	tasks      taskTable
	loops      table[loop]
	loopList   []*loop
	threads    table[thread]
	threadList []*thread
	loopThread *thread
	stacks     table[stack]
	chains     table[chain]
	siteRefs   table[siteRef]
	targets    map[*LoopRun]*task

	libraries []string // directories, each with a trailing slash
	userFiles map[string]bool

	live, exitLive *liveSet
	ended          bool    // it saw its own end coming
	leaving        *thread // that called exec(), which may still fail
	steps          bool    // the recorder records steps
	tagged         bool    // several threads run loops
	exact          bool    // no event was dropped
	omitted        int     // repeated facts that were not kept
	unborn         int     // tasks whose birth was not observed
	forks          map[uint64]*fork
	left           map[resourceKey][]*Resource
	joins          map[string]*Join
	openers        map[resourceKey]*Task
	from           *fork
	blocked        map[*task]bool // the tasks that are known to wait now
	waitsChanged   bool           // since deadlocks were looked for
	deadlocks      map[string]*deadlock
	primitives     map[int]*Primitive
	orphans        []inheritance // task_inherited events that came before the process's start
	inherited      []*forkedTask
	foreign        map[foreignKey]*ForeignCall
	sleepers       []*thread // that waited when a foreign call was made
	tests          map[string]*Test
	sources        map[*Test]*testSource
	at             *Turn           // which test runs now; nil: none was seen
	running        map[*task]*Test // by the goroutine that runs it
	asleep         bool            // see Exit.Asleep
	lanes          bool            // steps of any number of tasks are open at once
	freeLanes      []*thread
	goroutines     *loop // that goroutines are the tasks of; nil: none
	laneCount      int
}

// enter makes the stream of an event the current one.
func (b *builder) enter(e *tracefile.Event) *proc {
	p := b.streams[e.Stream]
	if p == nil {
		p = b.newProc(e)
	}
	b.cur = p
	return p
}

func (b *builder) newProc(e *tracefile.Event) *proc {
	if b.base == 0 {
		b.base = e.Time
	}
	p := &proc{
		b:          b,
		stream:     e.Stream,
		pub:        &Process{ID: len(b.procs) + 1, Threads: map[tracefile.ThreadID]string{}, StartedNS: b.rel(e.Time)},
		last:       e.Time,
		began:      e.Time,
		askedNext:  math.MaxInt64,
		loopThread: &thread{},
		targets:    map[*LoopRun]*task{},
		userFiles:  map[string]bool{},
		forks:      map[uint64]*fork{},
		left:       map[resourceKey][]*Resource{},
		joins:      map[string]*Join{},
		openers:    map[resourceKey]*Task{},
	}
	b.streams[e.Stream] = p
	b.procs = append(b.procs, p)
	b.run.Processes = append(b.run.Processes, p.pub)
	return p
}

func (p *proc) started(e *tracefile.Event) {
	a := e.Attrs
	p.pub.PID = int(number(a.Get("pid")))
	p.pub.Forked = isSet(e, "forked")
	p.pub.Runtime = strings.TrimSpace(a.Get("implementation") + " " + a.Get("python"))
	p.pub.Version = version(a.Get("python"))
	if r := a.Get("runtime"); r != "" {
		p.pub.Runtime = r
		p.pub.Version = version(strings.TrimPrefix(r, "go"))
	}
	p.lanes = a.Get("lanes") == "task"
	p.pub.Recorder = a.Get("recorder")
	p.pub.Argv = stringList(a.Get("argv"))
	p.pub.Cwd = a.Get("cwd")
	p.pub.StartedNS = p.b.rel(e.Time)
	p.askMoments(p.b.at)
	for _, dir := range append(stringList(a.Get("stdlib")), stringList(a.Get("sites"))...) {
		if dir = strings.TrimRight(dir, "/"); dir != "" {
			p.libraries = append(p.libraries, dir+"/")
		}
	}
	p.findParent(a)
}

func (p *proc) findParent(a tracefile.Attrs) {
	pid := int(number(a.Get("ppid")))
	n := number(a.Get("fork"))
	if token, _, ok := strings.Cut(a.Get("parent"), "-"); ok {
		pid = int(number(token))
	}
	for i := len(p.b.procs) - 1; i >= 0; i-- {
		other := p.b.procs[i]
		if other == p || other.pub.PID != pid || pid == 0 {
			continue
		}
		if p.pub.Parent == nil {
			p.pub.Parent = other.pub
		}
		if f := other.forks[n]; p.pub.Forked && f != nil {
			p.pub.Parent = other.pub
			p.inherit(f)
			p.inheritTurn(other)
			return
		}
	}
}

func (p *proc) threadSeen(e *tracefile.Event) {
	p.pub.Threads[e.Thread] = text(e, "name", e.Name)
}

func (p *proc) threadName(id tracefile.ThreadID) string {
	if id == 0 {
		id = p.loopThread.id
	}
	return p.pub.Threads[id]
}

// threadText resolves an attribute that holds a thread's number, or already its name.
func (p *proc) threadText(v string) string {
	if name, ok := p.pub.Threads[tracefile.ThreadID(number(v))]; ok {
		return name
	}
	return v
}

func (p *proc) noteAdded(e *tracefile.Event) {
	p.b.notes = append(p.b.notes, e.Attrs.Get("text"))
	if isSet(e, "stopped") {
		p.lose(e.Time)
	}
	p.asleep = p.asleep || isSet(e, "asleep")
}

// lose is called when the recording of the process stops, although the process goes on. Steps that are open may have ended
// right then.
func (p *proc) lose(now int64) {
	if p.pub.LostNS != 0 {
		return
	}
	p.pub.LostNS = p.b.rel(now)
	for _, th := range append(p.threadList, p.loopThread) {
		p.endStep(th, now)
	}
}

// cut reports whether the events of the process stop before its end, and no signal is to blame: then they could not be
// written, because the disk was full.
func (p *proc) cut(truncated bool) bool {
	return truncated && !p.ended && p.pub.Exit.Observed && p.pub.Exit.Signal == 0 && p.pub.Exit.Reason == ""
}

func (p *proc) processEnding(e *tracefile.Event) {
	p.endLive(p.exitLive)
	p.ended = true
	reason := e.Attrs.Get("reason")
	p.leaving = nil
	if reason == "exec" {
		p.leaving = p.thread(e.Thread)
	}
	x := &p.pub.Exit
	p.passMoments(p.last + 1)
	*x = Exit{
		Observed:  true,
		Reason:    reason,
		TimeNS:    p.b.rel(e.Time),
		Stack:     p.stack(e.Stack).list(),
		Thread:    p.threadName(e.Thread),
		Task:      p.public(e.Task, nil),
		LiveExact: true,

		Uncaught: x.Uncaught, UncaughtText: x.UncaughtText, UncaughtStack: x.UncaughtStack,
	}
	if v := e.Attrs.Get("code"); v != "" {
		code := signed(v, 0)
		x.Code = &code
	}
	x.Signal = int(number(e.Attrs.Get("signal")))
	if v := e.Attrs.Get("uncaught"); v != "" {
		x.Uncaught = v
		x.UncaughtText = e.Attrs.Get("message")
		x.UncaughtStack = p.stackAttr(e, "uncaught_stack").list()
	}
	p.beginLive(&liveSet{list: &x.Live, thread: p.thread(e.Thread), timeNS: e.Time})
}

// stays takes back an end that did not come.
func (p *proc) stays() {
	p.ended, p.leaving = false, nil
	p.exitLive = nil
	p.pub.Exit = Exit{}
}

// finish completes the process at the end of the trace.
func (p *proc) finish(h tracefile.Health) {
	x := &p.pub.Exit
	x.Asleep = p.asleep
	if p.cut(h.Truncated) {
		p.lose(p.last)
	}
	p.exact = h.Dropped == 0 && p.pub.LostNS == 0
	if p.waitsChanged {
		p.findDeadlocks()
	}
	if !p.exact || h.Truncated { // the end of a task, or the rest of the snapshot, may be among what is missing
		p.exitLive = nil
	}
	p.endLive(p.exitLive)
	if !p.ended {
		x.TimeNS = p.b.rel(p.last)
		x.Live = p.rebuildLive()
	}
	p.openSteps()
	p.findRoot()
	p.sortLive()
	p.finishTests()
	p.linkInherited()
	p.settleForeign()
	p.linkRefusals()
	for _, l := range p.loopList {
		if l.last != 0 {
			l.pub.LastNS = p.b.rel(l.last)
		}
		l.settleWaits()
	}
	for t := range p.tasks.all {
		if t.outcome == 0 {
			t.site.BusyNS += t.busyNS
		}
		t.loop.stepped = t.loop.stepped || t.steps > 0
		p.b.run.Tasks = append(p.b.run.Tasks, p.b.settle(t))
	}
}

func version(s string) [3]int {
	var v [3]int
	for i, part := range strings.SplitN(s, ".", 3) {
		for _, c := range part {
			if c < '0' || c > '9' || v[i] > 1000 {
				break
			}
			v[i] = v[i]*10 + int(c-'0')
		}
	}
	return v
}

func stringList(s string) []string {
	var out []string
	if json.Unmarshal([]byte(s), &out) != nil && s != "" {
		return []string{s}
	}
	return out
}
