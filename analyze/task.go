package analyze

import (
	"cmp"
	"strings"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// task is the working state of one task. It is recycled once the task ended and nothing refers to it any more; pub is what
// the facts get to see, made when something refers to the task or it is kept.
type task struct {
	id, tid    int // of the run, of the stream
	proc       *proc
	loop       *loop
	parent     *task
	site       *siteCount
	spawnedNS  int64 // as recorded
	endedNS    int64
	firstNS    int64
	busyNS     int64
	chainNS    int64
	chain      *chain // where it stood when it was last sampled, perhaps some steps ago
	steps      int
	run        *LoopRun
	prev, next *task // of the loop's live tasks
	name       string
	cancels    []cancel // the first and the last ones
	cancelled  int      // how many there were
	shield     *stack
	exception  *Exception
	seen       *chain // of a goroutine: where it stood in the last snapshot
	shutdown   *Shutdown
	inherited  *Task
	made       *Turn // when the test that made it did so; nil: none
	pub        *Task
	refs       int32  // other tasks that refer to this one
	depth      uint32 // of its line of parents
	thread     *thread
	blocked    *blocked // what it waits in, if that was told since its last step
	restNS     int64    // end of its last step
	sinceNS    int64    // since when it is suspended, where the end of its step told that; 0: it did not
	wokenNS    int64    // last; 0: never, or that was not recorded
	wokenBy    int      // ID of who did that; 0: a callback
	outcome    uint8
	// wokenByCancel: wokenNS is when the future that it waited for was cancelled, with the task.
	wokenByCancel bool
	live          bool // in its loop's list
	kept          bool
	birthSeen     bool
	eager         bool // see Task.Eager
	sinceLeast    bool // it was suspended before sinceNS already, see Live
	missing       bool // an exact snapshot of its loop did not have it, though it never ended
}

// taskPool recycles tasks, and makes new ones in slabs.
type taskPool struct {
	free []*task
	slab []task
}

func (tp *taskPool) get() *task {
	if n := len(tp.free); n > 0 {
		t := tp.free[n-1]
		tp.free = tp.free[:n-1]
		return t
	}
	if len(tp.slab) == 0 {
		tp.slab = make([]task, 128)
	}
	t := &tp.slab[0]
	tp.slab = tp.slab[1:]
	return t
}

func (tp *taskPool) put(t *task) {
	*t = task{cancels: t.cancels[:0]}
	tp.free = append(tp.free, t)
}

// newTask makes a live task and enters it under its id.
func (p *proc) newTask(id tracefile.TaskID, l *loop) *task {
	t := p.b.pool.get()
	p.b.lastID++
	t.id, t.tid, t.proc = p.b.lastID, int(id), p
	t.loop = l
	p.tasks.put(uint32(id), t)
	l.addLive(t)
	return t
}

// task returns the task with an id of the stream. One that was never spawned gets a task whose birth was not observed; nil
// if id is 0 or the task was folded.
func (p *proc) task(id tracefile.TaskID, l *loop) *task {
	if id == 0 {
		return nil
	}
	t := p.tasks.get(uint32(id))
	if t == nil {
		if l == nil {
			l = p.ownLoop()
		}
		t = p.newTask(id, l)
		t.site = p.b.sites.unknown()
		t.site.Spawned++
		t.spawnedNS = p.last
		p.unborn++
		return t
	}
	if t == foldedTask {
		return nil
	}
	return t
}

// public is task for the facts: the task will be kept.
func (p *proc) public(id tracefile.TaskID, l *loop) *Task {
	return p.task(id, l).public()
}

// public makes the task one of the run's.
func (t *task) public() *Task {
	if t == nil {
		return nil
	}
	if t.pub == nil {
		t.pub = &Task{ID: t.id, Process: t.proc.pub, Loop: t.loop.facts(), Site: t.site.Site, Name: t.name}
	}
	return t.pub
}

// joinLoop gives a task the loop that it turns out to be of.
func (t *task) joinLoop(l *loop) {
	if t.loop.id != 0 || l == nil || l == t.loop {
		return
	}
	if t.live {
		t.loop.removeLive(t)
		l.addLive(t)
	}
	t.loop = l
	if t.pub != nil {
		t.pub.Loop = l.facts()
	}
}

func (t *task) setName(name string) {
	if name == "" || name == t.name {
		return
	}
	t.name = strings.Clone(name)
	if t.pub != nil {
		t.pub.Name = t.name
	}
}

func (p *proc) taskEnded(e *tracefile.Event) {
	th := p.thread(e.Thread)
	t := p.task(e.Task, th.loop())
	if p.b.waited != nil && t != nil && t.outcome == 0 && t.thread == nil {
		p.b.waited.over(t, e.Time)
	}
	if eager := t != nil && t != th.step && t.steps == 0; !eager { // an eager task ends within the step of who spawned it
		p.endStep(th, e.Time)
	}
	if t == nil || t.outcome != 0 {
		return
	}
	if t.thread != nil { // its step was open on another thread than the one that told of its end
		p.endStep(t.thread, e.Time)
	}
	if t.blocked != nil {
		p.unblock(t, e.Time)
	}
	t.endedNS = e.Time
	t.outcome = outcomeOf(e.Number)
	if t.outcome != tracefile.OutcomeCancelled { // that needs no step
		t.ran()
	}
	t.chain = nil
	t.missing = false
	if test := p.running[t]; test != nil {
		test.EndNS = p.b.rel(e.Time)
	}
	if t.live {
		t.loop.removeLive(t)
	}
	switch t.outcome {
	case tracefile.OutcomeReturned:
		t.site.Returned++
	case tracefile.OutcomeRaised:
		t.site.Raised++
	case tracefile.OutcomeCancelled:
		t.site.Cancelled++
	}
	p.b.retire(t, e.Name)
}

// ran takes in that a task which took no step yet, as far as was seen, has run all the same: it was created eager, and its
// first step was a part of the step of who spawned it.
func (t *task) ran() {
	if t.steps == 0 && t.birthSeen && t.proc.steps && !t.proc.pub.Go() && !t.loop.foreign() && !t.proc.pub.Go() {
		t.eager = true
	}
}

// outcomeOf keeps a damaged number from making an ended task look pending.
func outcomeOf(n uint64) uint8 {
	if n < tracefile.OutcomeReturned || n > tracefile.OutcomeCancelled {
		return tracefile.OutcomeReturned
	}
	return uint8(n)
}

// retire decides what becomes of a task that just ended.
func (b *builder) retire(t *task, name string) {
	t.site.BusyNS += t.busyNS
	switch {
	case t.pub != nil:
	case t.outcome == tracefile.OutcomeRaised && b.raised < b.keep:
		b.raised++
		t.kept = true
	case b.timeline != nil:
		t.kept = true
		if old := b.timeline.recent.push(t); old != nil {
			defer b.letGo(old)
		}
	case b.kept < b.keep:
		b.kept++
		t.kept = true
	case t.refs == 0 && t.shutdown == nil:
		b.fold(t)
		return
	}
	t.setName(name)
	b.settleLine(t)
}

// letGo no longer keeps a task that ended.
func (b *builder) letGo(t *task) {
	t.kept = false
	if t.foldable() {
		b.fold(t)
		return
	}
	b.settleLine(t)
}

// settleLine bounds what an ended task that is not folded holds on to.
func (b *builder) settleLine(t *task) {
	if !t.kept && t.pub == nil && t.shutdown == nil && b.dropRequesters(t) {
		return
	}
	if t.depth%maxLine == 0 {
		b.cutLine(t)
	}
}

// foldable reports that nothing but its working state is left of the task.
func (t *task) foldable() bool {
	return t.outcome != 0 && t.refs == 0 && t.pub == nil && !t.kept && t.shutdown == nil
}

// fold forgets a task, and what only it referred to.
func (b *builder) fold(t *task) {
	for t != nil {
		t.proc.tasks.fold(uint32(t.tid))
		parent := t.parent
		for i := range t.cancels {
			b.dropRequester(t, i)
		}
		b.pool.put(t)
		if parent == nil || !b.release(parent) {
			return
		}
		t = parent
	}
}

// dropRequesters forgets who cancelled a task that stays for its children's sake only. Were it to hold on to them, tasks that
// each cancel the one before would all stay. It reports that the task is folded after all: two tasks may have cancelled each
// other.
func (b *builder) dropRequesters(t *task) bool {
	t.refs++ // until we are done with it
	for i := range t.cancels {
		b.dropRequester(t, i)
	}
	if !b.release(t) {
		return false
	}
	b.fold(t)
	return true
}

// dropRequester forgets who made the i-th cancellation of t.
func (b *builder) dropRequester(t *task, i int) {
	by := t.cancels[i].by
	t.cancels[i].by = nil
	if by != nil && by != t && b.release(by) {
		b.fold(by)
	}
}

// release drops one reference to a task and reports that it was the last of a task to be folded.
func (b *builder) release(t *task) bool {
	t.refs--
	return t.foldable()
}

// maxLine is how many ended parents of a task are kept at least; twice as many at most.
const maxLine = 16

// cutLine cuts a line of parents that are kept only because each has a child: a task that spawns its successor for ever
// would keep all of them.
func (b *builder) cutLine(t *task) {
	for n := 0; n < maxLine; n++ {
		if t.parent == nil || t.parent.outcome == 0 {
			return
		}
		t = t.parent
	}
	parent := t.parent
	if parent == nil || t.kept || t.pub != nil {
		return
	}
	t.parent = nil
	b.cut++
	if b.release(parent) {
		b.fold(parent)
	}
}

// taskFailed comes right before the end of a task that raised.
func (p *proc) taskFailed(e *tracefile.Event) {
	if t := p.task(e.Task, p.thread(e.Thread).loop()); t != nil {
		t.exception = &Exception{Type: e.Attrs.Get("type"), Message: cmp.Or(e.Attrs.Get("message"), e.Attrs.Get("words"))}
		if e.Attrs.Get("words") != "" {
			p.failed(e, FailedTask, e.Attrs.Get("type"))
		}
	}
}

func (p *proc) taskShielded(e *tracefile.Event) {
	if t := p.task(e.Task, nil); t != nil {
		t.shield = p.stack(e.Stack)
	}
}

// settle writes what is known at the end of the trace into the task's public half, and returns it.
func (b *builder) settle(t *task) *Task {
	pub := t.public()
	pub.Name = t.name
	pub.Inherited = t.inherited
	if t.parent != nil {
		pub.Parent = t.parent.public()
	}
	pub.BirthSeen = t.birthSeen
	pub.SpawnedNS = b.rel(t.spawnedNS)
	pub.Steps, pub.BusyNS = t.steps, t.busyNS
	pub.CancelledAtShutdown, pub.SpawnRun = t.shutdown, t.run
	if t.made != nil {
		pub.Test, pub.Fixture = t.made.Test, t.made.Fixture
	}
	pub.Outcome = outcomeNames[t.outcome]
	if t.outcome != 0 {
		pub.EndedNS = b.rel(t.endedNS)
	}
	if t.steps > 0 && (t.firstNS != 0 || !pub.Process.Go()) { // steps that are only summed have no times
		pub.FirstStepNS = b.rel(t.firstNS)
	}
	if t.eager {
		pub.Eager, pub.FirstStepNS = true, pub.SpawnedNS
	}
	if t.outcome == 0 && t.chain != nil && t.chain.state == "suspended" {
		pub.LastSeen = t.proc.lastSeen(t)
	}
	if t.missing && t.proc.exact && !t.loop.foreign() {
		pub.Outcome = "collected"
	}
	if t.outcome == tracefile.OutcomeRaised {
		pub.Exception = t.exception
	}
	if t.shield != nil {
		pub.Shielded = t.shield.frames
	}
	b.settleCancels(t, pub)
	if pub.Goroutine() {
		pub.Known = b.knowns.name(t)
	}
	if t.wokenNS != 0 {
		pub.LastWake, pub.waker = &Wake{TimeNS: b.rel(t.wokenNS), Task: pub, Cancelled: t.wokenByCancel}, t.wokenBy
	}
	return pub
}

var outcomeNames = [...]string{0: "pending", tracefile.OutcomeReturned: "returned", tracefile.OutcomeRaised: "raised", tracefile.OutcomeCancelled: "cancelled"}
