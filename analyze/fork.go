package analyze

import "github.com/looptrace/looptrace/recorder/tracefile"

// fork is what a process was at one of its forks: the child goes on from there, and is read only later.
type fork struct {
	parent  *proc
	threads map[tracefile.ThreadID]string
	thread  tracefile.ThreadID // the one that forks, the only one that the child has
	runs    []*LoopRun         // copies of those open on it, outermost first
	loops   map[tracefile.LoopID]*forkedLoop
	order   []tracefile.LoopID
	runIn   []tracefile.LoopID // loops of runs; 0 if not known
	tasks   map[int]*forkedTask
	at      *Frame // the line of the fork
	step    int    // id of the task whose step was open on the thread
	steps   bool   // the recorder records steps
}

// forkedLoop is a loop as it was at the fork.
type forkedLoop struct {
	pub   Loop // a copy
	of    *Loop
	ended *LoopRun
}

// forkedTask is a live task as it was at the fork. Other tasks are named by id and resolved when the child has its own.
type forkedTask struct {
	state  task // a copy
	loop   tracefile.LoopID
	parent int   // id of the parent if that was live too
	older  *Task // the parent otherwise
	child  *task // the child's copy
}

// inheritance is one task of a child and which of the parent's it is.
type inheritance struct{ child, parent tracefile.TaskID }

func (p *proc) forked(e *tracefile.Event) {
	th := p.thread(e.Thread)
	f := &fork{
		parent: p, thread: th.id, steps: p.steps, at: p.stack(e.Stack).user(),
		threads: map[tracefile.ThreadID]string{},
		loops:   map[tracefile.LoopID]*forkedLoop{},
		tasks:   map[int]*forkedTask{},
	}
	for id, name := range p.pub.Threads {
		f.threads[id] = name
	}
	if th.step != nil {
		f.step = th.step.tid
	}
	f.copyRuns(th)
	for _, l := range append(p.loopList, p.loop(0)) {
		f.loops[l.id] = copyLoop(l)
		f.order = append(f.order, l.id)
		for t := l.head; t != nil; t = t.next {
			f.tasks[t.tid] = copyTask(t)
		}
	}
	p.forks[number(e.Attrs.Get("fork"))] = f
}

func copyLoop(l *loop) *forkedLoop {
	fl := &forkedLoop{pub: *l.pub, of: l.facts(), ended: l.ended}
	fl.pub.Runs = nil
	for _, r := range l.pub.Runs {
		if r.EndNS != 0 { // those that are open end later, perhaps differently
			fl.pub.Runs = append(fl.pub.Runs, r)
		}
	}
	return fl
}

// copyRuns copies the open runs: they may end differently in the child.
func (f *fork) copyRuns(th *thread) {
	for i, r := range th.runs {
		c := *r
		if i > 0 {
			c.Outer = f.runs[i-1]
		}
		f.runs = append(f.runs, &c)
		id := tracefile.LoopID(0)
		if l := th.loops[i]; l != nil {
			id = l.id
		}
		f.runIn = append(f.runIn, id)
	}
}

func copyTask(t *task) *forkedTask {
	ft := &forkedTask{state: *t, loop: t.loop.id}
	s := &ft.state
	s.inherited, s.pub = t.public(), nil
	s.prev, s.next, s.parent, s.thread = nil, nil, nil, nil
	s.refs, s.kept, s.shutdown = 0, false, nil
	s.cancels = append([]cancel(nil), t.cancels...)
	for i := range s.cancels {
		s.cancels[i].by = nil
	}
	if t.parent != nil {
		if t.parent.outcome == 0 {
			ft.parent = t.parent.tid
		} else {
			ft.older = t.parent.public()
		}
	}
	return ft
}

// inherit makes the loops and runs of a fork those of the child.
func (p *proc) inherit(f *fork) {
	p.from, p.steps = f, f.steps
	p.pub.ForkedAt = f.at
	for id, name := range f.threads {
		if p.pub.Threads[id] == "" {
			p.pub.Threads[id] = name
		}
	}
	for _, id := range f.order {
		p.inheritLoop(id, f.loops[id])
	}
	if len(f.runs) > 0 {
		th := p.runner(f.thread)
		for i, r := range f.runs {
			l := p.knownLoop(f.runIn[i])
			th.runs, th.loops = append(th.runs, r), append(th.loops, l)
			if l != nil {
				r.Loop = l.pub
				l.pub.Runs = append(l.pub.Runs, r)
				l.run, l.thread = r, th
			}
		}
	}
	for _, i := range p.orphans {
		p.claim(i)
	}
	p.orphans = nil
}

func (p *proc) inheritLoop(id tracefile.LoopID, fl *forkedLoop) {
	if id == 0 || p.loops.get(uint32(id)) != nil {
		return
	}
	old := &fl.pub
	l := &loop{id: id, ended: fl.ended, pub: &Loop{
		Process: p.pub, Inherited: fl.of, Class: old.Class, Thread: old.Thread, OpenedNS: old.OpenedNS,
		Stack: old.Stack, At: old.At, Runs: old.Runs, ClosedBy: old.ClosedBy,
		AsyncgensShutdown: old.AsyncgensShutdown, ExecutorShutdown: old.ExecutorShutdown,
	}}
	p.loops.put(uint32(id), l)
	if old.ClosedBy == nil {
		p.addLoop(l)
	}
}

func (p *proc) taskInherited(e *tracefile.Event) {
	i := inheritance{e.Task, tracefile.TaskID(e.Number)}
	if p.from == nil {
		p.orphans = append(p.orphans, i)
		return
	}
	p.claim(i)
}

// claim makes the copy of one of the parent's tasks the child's.
func (p *proc) claim(i inheritance) {
	ft := p.from.tasks[int(i.parent)]
	if ft == nil || ft.child != nil || i.child == 0 || p.tasks.get(uint32(i.child)) != nil {
		return
	}
	t := p.newTask(i.child, p.loop(ft.loop))
	own := *t
	*t = ft.state
	t.id, t.tid, t.proc, t.loop = own.id, own.tid, own.proc, own.loop
	t.prev, t.next, t.live = own.prev, own.next, own.live
	ft.child = t
	t.public() // the links below are made at the end: it must stay until then
	p.inherited = append(p.inherited, ft)
	t.site.Spawned++
	if p.from.step == int(i.parent) {
		th := p.thread(p.from.thread)
		th.step, th.beganN, t.thread = t, p.last, th
	}
}

// linkInherited gives the inherited tasks their parents.
func (p *proc) linkInherited() {
	for _, ft := range p.inherited {
		if older := p.from.tasks[ft.parent]; older != nil && older.child != nil {
			ft.child.parent = older.child
		} else if ft.older != nil {
			ft.child.pub.Parent = ft.older
		}
	}
}
