package analyze

import "github.com/looptrace/looptrace/recorder/tracefile"

// lastThread is the number that stands for itself and all above it in a slot.
const lastThread = 31

// thread is what happens on one thread now.
type thread struct {
	id     tracefile.ThreadID
	step   *task // whose step is open
	beganN int64 // when it, or another callback, began
	runs   []*LoopRun
	loops  []*loop // of runs; an element is nil where the loop is not known
	signal int     // of the signal handler that is running

	lane      int  // of one step in a process with lanes: its number, see proc.lane; 0: it is none
	callbacks int  // begun, steps among them
	calling   bool // a callback that is no step runs

	waiting bool // its loop waits for I/O
	asleep  []sleepingCall
	loopTime
}

// loop returns the loop that the thread runs now, nil if none.
func (th *thread) loop() *loop {
	if n := len(th.loops); n > 0 {
		return th.loops[n-1]
	}
	return nil
}

// sharedThread reports whether a thread stands for several, whose steps cannot be told apart: slots have room for no more.
func (p *proc) sharedThread(th *thread) bool {
	if p.pub.Go() {
		return false
	}
	_, more := p.pub.Threads[lastThread+1]
	return th.id == lastThread && more
}

// thread returns the state of a thread; 0 is the first one that ran a loop.
func (p *proc) thread(id tracefile.ThreadID) *thread {
	if id == 0 {
		return p.loopThread
	}
	if th := p.threads.get(uint32(id)); th != nil {
		return th
	}
	th := &thread{id: id}
	p.threads.put(uint32(id), th)
	p.threadList = append(p.threadList, th)
	return th
}

func (p *proc) stepBegun(e *tracefile.Event) {
	th := p.thread(e.Thread)
	if p.lanes && e.Thread == 0 { // a Go execution trace of the process says on which P
		th = p.lane()
	}
	p.endStep(th, e.Time)
	t := p.task(e.Task, th.loop())
	if t == nil || t.outcome != 0 {
		return
	}
	if t.thread != nil {
		p.endStep(t.thread, e.Time)
	}
	if p.b.waited != nil {
		p.b.waited.over(t, e.Time)
	}
	t.sinceNS, t.sinceLeast = 0, false
	if t.steps == 0 {
		t.firstNS = e.Time
	}
	if t.blocked != nil {
		p.unblock(t, e.Time)
	}
	t.steps++
	t.thread = th
	t.loop.stepOpened(p)
	th.step, th.beganN = t, e.Time
	th.begun++
	th.follows(t)
	p.tagged = p.tagged || e.Thread != 0
	p.steps = true
	if p.leaving == th {
		p.stays()
	}
}

// endStep ends the open step of a thread, if there is one.
func (p *proc) endStep(th *thread, now int64) {
	th.signal = 0
	if l := th.loop(); l != nil {
		l.last = now
	}
	if th.waiting {
		th.wakes(now)
	}
	t := th.step
	if t == nil {
		if th.calling {
			th.calling = false
			p.stepped(th, nil, th.loop(), now)
		}
		if th.samples != nil {
			p.longStep(th, nil, now, true)
		}
		return
	}
	if th.lane != 0 {
		t.loop.last = now
	}
	th.step = nil
	t.thread = nil
	t.loop.open = max(t.loop.open-1, 0)
	t.restNS = now
	p.stepped(th, t, nil, now)
	if d := now - th.beganN; d > 0 { // clocks of two threads may disagree by a little
		t.busyNS += d
		if d >= LongStepNS {
			p.longStep(th, t, now, true)
		}
	}
	th.samples = nil
	if th.lane != 0 {
		p.freeLanes = append(p.freeLanes, th)
	}
}

// stepEnded ends the step of a task, which says where it is suspended, or that it can go on at any time.
func (p *proc) stepEnded(e *tracefile.Event) {
	t := p.task(e.Task, p.thread(e.Thread).loop())
	if t == nil || t.outcome != 0 {
		return
	}
	if t.thread != nil {
		p.endStep(t.thread, e.Time)
	}
	t.chain, t.chainNS, t.sinceNS, t.sinceLeast = nil, 0, 0, false
	if e.Chain != 0 {
		t.chain, t.chainNS, t.sinceNS = p.chain(e.Chain), e.Time, e.Time
		p.b.sighted(t, t.chain, e.Time)
		if test := p.running[t]; test != nil && test.File == "" {
			p.sourceIn(test, t.chain.frames)
		}
	}
}

// lane returns a thread for a step, in a process where those of any number of tasks are open at once and which thread
// runs a task is not told. It is free again when the step ends.
func (p *proc) lane() *thread {
	if n := len(p.freeLanes); n > 0 {
		th := p.freeLanes[n-1]
		p.freeLanes = p.freeLanes[:n-1]
		return th
	}
	p.laneCount++
	return &thread{lane: p.laneCount}
}

func (p *proc) waitBegun(e *tracefile.Event) {
	th := p.thread(e.Thread)
	p.endStep(th, e.Time)
	th.waited()
	th.waiting = true
}

func (p *proc) taskSpawned(e *tracefile.Event) {
	th := p.thread(e.Thread)
	l := p.loop(e.Loop)
	t := p.born(e.Task, l)
	if t == nil {
		return
	}
	t.birthSeen = true
	t.spawnedNS = e.Time
	t.run = l.run
	t.site = p.siteFor(e.Site, t.run)
	if t.pub != nil {
		t.pub.Site = t.site.Site
	}
	t.setName(e.Name)
	parent := th.step
	if e.Number != 0 {
		parent = p.task(tracefile.TaskID(e.Number), l)
	} else if e.Attrs != nil && e.Attrs.Has("parent") {
		parent = p.task(tracefile.TaskID(number(e.Attrs.Get("parent"))), l)
	} else if parent != nil && parent.loop != l && p.sharedThread(th) {
		parent = nil
	}
	t.site.spawned(p.b.rel(e.Time), th, parent)
	t.made = p.madeBy(parent)
	if t.made == nil && parent == nil {
		t.made = p.ofTimer(t)
	}
	if t.made != nil {
		p.sourceOf(t.made.Test, t.site.Site)
	}
	if parent != nil && parent != t && t.refs == 0 { // with references it might become its own ancestor
		t.parent = parent
		t.depth = parent.depth + 1
		parent.refs++
	}
}

// born returns the task that is spawned under an id: a new one, or one that was mentioned before its time, as a fact of
// another thread may be. nil if that makes no sense.
func (p *proc) born(id tracefile.TaskID, l *loop) *task {
	t := p.tasks.get(uint32(id))
	switch {
	case id == 0:
		return nil
	case t == nil:
		return p.newTask(id, l)
	case t == foldedTask || t.birthSeen || t.outcome != 0:
		return nil
	}
	t.joinLoop(l)
	t.site.Spawned--
	p.unborn--
	return t
}

func (p *proc) taskWaiting(e *tracefile.Event) {
	if t := p.task(e.Task, p.thread(e.Thread).loop()); t != nil && t.outcome == 0 {
		t.chain, t.chainNS = p.chain(e.Chain), e.Time
		if t.chain.state == "suspended" {
			t.ran()
		}
		t.setName(e.Name)
		p.older(t, e.Time)
		p.b.sighted(t, t.chain, e.Time)
	}
}
