package analyze

import "github.com/looptrace/looptrace/recorder/tracefile"

// loop is the working state of one loop.
type loop struct {
	id       tracefile.LoopID // of the stream
	pub      *Loop
	run      *LoopRun // the innermost open one
	ended    *LoopRun // the last one that ended
	head     *task    // its tasks that are not done
	alive    int
	thread   *thread  // that runs it
	runner   *thread  // that stands for the one that runs it, where none is told
	closes   []*Close // begun and not ended; the last one is the innermost
	waits    map[waitKey]*[]wait
	waitList []*[]wait
	live     *liveSet // that LiveTask events belong to

	interrupted []interrupted
	open        int   // steps of it that are open, in a Go program
	stepped     bool  // a task of it that is known took a step
	last        int64 // time of the last event of the thread that runs it
}

// Foreign reports whether the loop is none of asyncio's (uvloop): neither its opening nor its runs are seen, nor the steps and
// ends of its tasks, so that without a snapshot nobody can say which of them were live.
func (l *Loop) Foreign() bool {
	return !l.Process.Go() && len(l.Stack) == 0 && len(l.Runs) == 0 && l.Inherited == nil
}

func (l *loop) foreign() bool { return l.pub != nil && l.id != 0 && l.pub.Foreign() }

func (l *loop) addLive(t *task) {
	t.live = true
	t.prev, t.next = nil, l.head
	if l.head != nil {
		l.head.prev = t
	}
	l.head = t
	l.alive++
}

func (l *loop) removeLive(t *task) {
	if t.prev != nil {
		t.prev.next = t.next
	} else {
		l.head = t.next
	}
	if t.next != nil {
		t.next.prev = t.prev
	}
	t.prev, t.next, t.live = nil, nil, false
	l.alive--
}

// loop returns the loop with an id of the stream. One whose opening was not observed, and the unknown one (id 0), is made
// when it is first mentioned.
func (p *proc) loop(id tracefile.LoopID) *loop {
	if l := p.loops.get(uint32(id)); l != nil {
		return l
	}
	l := &loop{id: id, pub: &Loop{Process: p.pub}}
	p.loops.put(uint32(id), l)
	if id != 0 { // tasks of which not even the loop is known have one to be listed in, which is no fact
		p.addLoop(l)
	}
	return l
}

func (p *proc) addLoop(l *loop) {
	l.pub.ID = len(p.b.run.Loops) + 1
	p.b.run.Loops = append(p.b.run.Loops, l.pub)
	p.pub.Loops = append(p.pub.Loops, l.pub)
	p.loopList = append(p.loopList, l)
}

// knownLoop is loop for a reference that may be missing: nil for id 0.
func (p *proc) knownLoop(id tracefile.LoopID) *loop {
	if id == 0 {
		return nil
	}
	return p.loop(id)
}

// facts returns the public half of a loop, nil for the unknown one.
func (l *loop) facts() *Loop {
	if l == nil || l.pub.ID == 0 {
		return nil
	}
	return l.pub
}

func (p *proc) loopOpened(e *tracefile.Event) {
	l := p.loop(e.Loop)
	l.pub.Class = e.Attrs.Get("class")
	l.pub.Thread = p.threadName(e.Thread)
	l.pub.OpenedNS = p.b.rel(e.Time)
	l.pub.Stack = p.stack(e.Stack).list()
	l.pub.At = caller(l.pub.Stack, "__init__", l.pub.Class)
	l.belongsTo(p, p.thread(e.Thread))
	if l.pub.Class == Goroutines && p.pub.Go() {
		p.goroutines = l
	}
}

func (p *proc) runBegun(e *tracefile.Event) {
	l := p.knownLoop(e.Loop)
	th := p.loopRunner(e, l)
	if th == nil {
		th = p.runner(e.Thread)
	}
	r := &LoopRun{
		Loop:    l.facts(),
		API:     e.Attrs.Get("api"),
		Thread:  p.threadName(th.id),
		BeginNS: p.b.rel(e.Time),
		Stack:   p.stack(e.Stack).list(),
		Target:  p.public(e.Task, l),
	}
	class := ""
	if l != nil {
		class = l.pub.Class
	}
	r.At = caller(r.Stack, lastPart(r.API), class)
	if n := len(th.runs); n > 0 {
		r.Outer = th.runs[n-1]
	}
	th.runs, th.loops = append(th.runs, r), append(th.loops, l)
	if r.Target != nil {
		p.targets[r] = p.task(e.Task, l)
	}
	if l == nil {
		return
	}
	p.adopt(th, l)
	if len(l.pub.Runs) == 0 {
		l.pub.Thread = r.Thread
	}
	l.pub.Runs = append(l.pub.Runs, r)
	l.run, l.thread = r, th
}

// adopt gives the loop to the runs further out that began before their loop was known: asyncio.run() opens its own.
func (p *proc) adopt(th *thread, l *loop) {
	for i := range th.runs {
		if th.loops[i] == nil {
			th.loops[i] = l
			th.runs[i].Loop = l.pub
			l.pub.Runs = append(l.pub.Runs, th.runs[i])
		}
	}
}

// runner returns the thread that runs a loop; the first one of a process is what thread 0 stands for.
func (p *proc) runner(id tracefile.ThreadID) *thread {
	if id != 0 && p.loopThread.id == 0 {
		if th := p.threads.get(uint32(id)); th != nil { // it was seen before it ran a loop
			p.endStep(p.loopThread, p.last)
			p.loopThread = th
		} else {
			p.loopThread.id = id
			p.threads.put(uint32(id), p.loopThread)
		}
	}
	return p.thread(id)
}

// loopRunner returns the thread that stands for the one that runs the loop, where the recorder tells no threads: loops run beside
// each other. nil where it does.
func (p *proc) loopRunner(e *tracefile.Event, l *loop) *thread {
	if !p.lanes || e.Thread != 0 || l == nil {
		return nil
	}
	if l.runner == nil {
		l.runner = &thread{}
	}
	return l.runner
}

func (p *proc) runEnded(e *tracefile.Event) {
	l := p.knownLoop(e.Loop)
	th := p.loopRunner(e, l)
	if th == nil {
		th = p.thread(e.Thread)
	}
	api := e.Attrs.Get("api")
	i := len(th.runs) - 1
	for ; i >= 0; i-- {
		if th.runs[i].API == api && (l == nil || th.loops[i] == nil || th.loops[i] == l) {
			break
		}
	}
	if i < 0 {
		return
	}
	r := th.runs[i]
	if th.step != nil && p.b.rel(th.beganN) >= r.BeginNS {
		p.endStep(th, e.Time)
	}
	r.EndNS = p.b.rel(e.Time)
	r.Exception = e.Attrs.Get("exception")
	r.Message = e.Attrs.Get("message")
	r.RaisedAt = p.stackAttr(e, "raised_stack").list()
	r.Stopped = isSet(e, "stopped")
	r.TargetDone = isSet(e, "target_done")
	if r.Target == nil {
		r.Target = p.public(e.Task, l)
	}
	target := p.targets[r]
	delete(p.targets, r)
	l = th.loops[i]
	th.runs, th.loops = th.runs[:i], th.loops[:i]
	if l == nil {
		return
	}
	l.ended = r
	l.resumed(r)
	l.leftPending(r, target)
	l.run, l.thread = nil, nil
	for j := i - 1; j >= 0; j-- {
		if th.loops[j] == l {
			l.run, l.thread = th.runs[j], th
			break
		}
	}
}

func (p *proc) loopStopped(e *tracefile.Event) {
	if isSet(e, "internal") {
		return
	}
	l := p.loop(e.Loop)
	if l.id == 0 { // no recorder writes that
		return
	}
	th := p.thread(e.Thread)
	s := &Stop{
		TimeNS: p.b.rel(e.Time),
		Thread: p.threadName(th.id),
		Task:   p.public(e.Task, l),
		Signal: signalOf(e, th),
		Stack:  p.stack(e.Stack).list(),
	}
	s.At = caller(s.Stack, "stop", l.pub.Class)
	// The run with a target is the one that a stop() cuts short; run_forever() inside of it has none.
	for r := l.run; r != nil; r = r.Outer {
		if s.Run == nil || r.Loop == l.pub && s.Run.Target == nil {
			s.Run = r
		}
	}
	if t := p.targets[s.Run]; t != nil {
		s.TargetPending = t.outcome == 0
	}
	l.pub.Stops = append(l.pub.Stops, s)
}

func (p *proc) shutdownBegun(e *tracefile.Event) {
	l := p.loop(e.Loop)
	if l.id == 0 { // no recorder writes that
		return
	}
	s := &Shutdown{Loop: l.facts(), BeginNS: p.b.rel(e.Time), Stack: p.stack(e.Stack).list(), Handling: e.Attrs.Get("handling")}
	s.At = innermost(s.Stack)
	l.pub.Shutdowns = append(l.pub.Shutdowns, s)
	p.beginLive(&liveSet{list: &s.Live, loop: l, thread: p.thread(e.Thread), timeNS: e.Time, shutdown: s})
}

func (p *proc) shutdownEnded(e *tracefile.Event) {
	l := p.loop(e.Loop)
	for i := len(l.pub.Shutdowns) - 1; i >= 0; i-- {
		if s := l.pub.Shutdowns[i]; s.EndNS == 0 {
			s.EndNS = p.b.rel(e.Time)
			return
		}
	}
}

func (p *proc) asyncgensShutdown(e *tracefile.Event) { p.loop(e.Loop).pub.AsyncgensShutdown = true }

func (p *proc) executorShutdown(e *tracefile.Event) {
	l := p.loop(e.Loop)
	if !l.pub.ExecutorShutdown {
		l.pub.ExecutorShutdown = true
		l.pub.ExecutorEnd = Moment{TimeNS: p.b.rel(e.Time), Stack: p.stack(e.Stack).list(), At: p.stack(e.Stack).user()}
	}
}
