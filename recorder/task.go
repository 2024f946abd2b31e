package recorder

import (
	"context"
	"errors"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
)

// Task is one task of a loop. The nil Task records nothing.
type Task struct {
	loop    *Loop
	id      uint64
	name    string
	parent  uint64      // ID of the task whose context it was made with; 0: none
	site    *place      // nil: there are too many
	spawns  atomic.Bool // a goroutine of its own was started for it
	labeled atomic.Bool // it runs on a goroutine with labels
	mirror  *mirror
	state   atomic.Uint64 // its state, and above stateBits since when
	wait    atomic.Pointer[place]

	prev, next *Task // of the shard
}

// States of a task.
const (
	notStarted = iota
	running
	suspended
	ended
)

const (
	stateBits = 2
	stateMask = 1<<stateBits - 1
)

// states are the words for them; runnable is that of a task that has not begun, though its goroutine was started.
var states = [...]string{notStarted: "not-started", running: "running", suspended: "suspended"}

const runnable = "runnable"

type taskKey struct{}

// from returns the task that ctx was made with, nil if there is none.
func from(ctx context.Context) *Task {
	if ctx == nil {
		return nil
	}
	t, _ := ctx.Value(taskKey{}).(*Task)
	return t
}

// Task makes a task. Its parent is the task that ctx is of; the context returned is that of the new one. Whoever makes it
// tells with Start, Wait and Done what becomes of it. On a nil Loop it returns ctx and nil.
func (l *Loop) Task(ctx context.Context, name string) (context.Context, *Task) {
	if l == nil {
		return ctx, nil
	}
	t := l.spawn(ctx, name, nil, "Task")
	return t.context(ctx), t
}

// context returns ctx, which is the one that the task was made with, as that of the task.
func (t *Task) context(ctx context.Context) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	if t.mirror != nil {
		ctx = t.mirror.ctx
	}
	return context.WithValue(ctx, taskKey{}, t)
}

// spawn makes a task of a function, or of none (nil), for whoever called api, its caller.
func (l *Loop) spawn(ctx context.Context, name string, fn any, api string) *Task {
	t := &Task{loop: l, id: l.rec.tasks.Add(1), name: clip(name)}
	if p := from(ctx); p != nil && p.loop.rec == l.rec {
		t.parent = p.id
	}
	entry := uintptr(0)
	if fn != nil {
		entry = reflect.ValueOf(fn).Pointer()
	}
	t.site = l.site(entry, t.name)
	t.begin(ctx)
	if l.closed.Load() {
		l.usedClosed(api, callers(maxDepth + 1)[1:])
	}
	return t
}

// begin makes the task one of the live ones and records that.
func (t *Task) begin(ctx context.Context) {
	r := t.loop.rec
	name := r.nameID(t.name)
	t.mirror = t.loop.mirrorTask(ctx, t)
	s := t.loop.shard(t.id)
	s.Lock()
	defer s.Unlock()
	s.link(t)
	now := r.clock.now()
	t.state.Store(uint64(now)<<stateBits + notStarted)
	if r.spool == nil {
		return
	}
	slots, n := [3]slot{{t.word(slotSite), uint64(t.site.id)}}, uint64(1)
	if t.parent != 0 {
		slots[n], n = slot{t.word(slotParent), t.parent}, n+1
	}
	if name != 0 {
		slots[n], n = slot{t.word(slotName), uint64(name)}, n+1
	}
	at := r.spool.reserve(n + 1)
	for i := range n {
		at.set(i, slots[i].word, slots[i].value)
	}
	at.set(n, t.word(slotSpawned), uint64(now))
}

// ID returns the number of the task, counted from 1 by its Recorder; 0 for the nil Task.
func (t *Task) ID() uint64 {
	if t == nil {
		return 0
	}
	return t.id
}

// Start records that a step of the task begins: it runs from here on.
func (t *Task) Start() {
	if t != nil {
		t.start()
	}
}

func (t *Task) start() {
	now := t.loop.rec.clock.now()
	if !t.turn(running, now) {
		return
	}
	t.loop.rec.spool.reserve(1).set(0, t.word(slotStep), uint64(now))
}

// turn brings the task into another state. It reports false if it has ended, which is for good.
func (t *Task) turn(state uint64, now int64) bool {
	for {
		old := t.state.Load()
		if old&stateMask == ended {
			return false
		}
		if t.state.CompareAndSwap(old, uint64(now)<<stateBits|state) {
			return true
		}
	}
}

// over reports whether the task has ended.
func (t *Task) over() bool { return t.state.Load()&stateMask == ended }

// Wait records that the step of the task ends, for the task waits for something. reason is a word for what: "timer", "reply".
// The lines that call Wait are recorded as those where the task waits.
func (t *Task) Wait(reason string) {
	if t != nil {
		t.suspend(reason)
	}
}

//go:noinline
func (t *Task) suspend(reason string) {
	r := t.loop.rec
	p := r.waitPlace(clip(reason))
	now := r.clock.now()
	if t.wait.Load() != p {
		t.wait.Store(p)
	}
	if !t.turn(suspended, now) {
		return
	}
	if p.id < shortChains {
		r.spool.reserve(1).set(0, t.word(slotStepEnded)|uint64(p.id)<<slotShort, uint64(now))
		return
	}
	at := r.spool.reserve(2)
	at.set(0, t.word(slotChain), uint64(p.id))
	at.set(1, t.word(slotStepEnded), uint64(now))
}

// Done records that the task has ended: it returned; it was cancelled, if err is or wraps context.Canceled or
// context.DeadlineExceeded; it failed with the type of any other error, whose text is not recorded. Only the first call
// counts.
func (t *Task) Done(err error) {
	if t != nil {
		t.end(err)
	}
}

func (t *Task) end(err error) {
	if err == nil {
		t.finish(slotReturned, "")
	} else if cancelled(err) {
		t.finish(slotCancelled, "")
	} else {
		t.finish(slotRaised, reflect.TypeOf(err).String())
	}
}

// cancelled reports whether err says that a context was cancelled. The methods of errors are the program's, and may fail.
func cancelled(err error) (is bool) {
	defer func() {
		if recover() != nil {
			is = false
		}
	}()
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// finish ends the task. failure is a type.
func (t *Task) finish(outcome uint64, failure string) {
	name := uint32(0)
	if failure != "" {
		name = t.loop.rec.nameID(failure)
	}
	s := t.loop.shard(t.id)
	s.Lock()
	defer s.Unlock()
	if t.state.Swap(ended)&stateMask == ended {
		return
	}
	s.unlink(t)
	t.mirror.end(t, outcome)
	r := t.loop.rec
	if r.spool == nil {
		return
	}
	if name == 0 {
		r.spool.reserve(1).set(0, t.word(outcome), uint64(r.clock.now()))
		return
	}
	at := r.spool.reserve(2)
	at.set(0, t.word(slotFailed), uint64(name))
	at.set(1, t.word(outcome), uint64(r.clock.now()))
}

// Cancel records that somebody asks the task to end, and where. cause is for the reader of the program only.
func (t *Task) Cancel(cause error) {
	if t == nil || t.over() || t.loop.rec.spool == nil {
		return
	}
	s := t.loop.rec.spool
	s.lock()
	id := s.stack(callers(maxDepth))
	s.unlock()
	at := s.reserve(2)
	at.set(0, t.word(slotStack), id)
	at.set(1, t.word(slotCancel), uint64(s.clock.now()))
}

// site returns where the caller of the caller's caller makes tasks of a function.
func (l *Loop) site(fn uintptr, name string) *place {
	k := placeKey{loop: l.id, fn: fn}
	if fn == 0 {
		k.word = name
	}
	k.fill(l.rec.depth)
	if p := l.rec.sites.find(&k); p != nil {
		return p
	}
	k.word = strings.Clone(k.word)
	p := &place{placeKey: k}
	if d := l.rec.depth; d > 0 {
		pcs := make([]uintptr, d)
		p.stack = pcs[:runtime.Callers(4, pcs)]
	}
	if p := l.rec.sites.add(p, l.defineSite); p != nil {
		return p
	}
	return l.rec.sites.add(&place{placeKey: placeKey{loop: l.id}}, l.defineSite)
}

func (l *Loop) defineSite(p *place) {
	if s := l.rec.spool; s != nil {
		s.lock()
		defer s.unlock()
		p.id = s.site(l.id, p.fn, p.word, p.stack)
	}
}

// waitPlace returns where the caller's caller waits; one that does not say if there are too many.
func (r *Recorder) waitPlace(reason string) *place {
	k := placeKey{word: reason}
	k.fill(waitDepth)
	if p := r.waits.find(&k); p != nil {
		return p
	}
	k.word = strings.Clone(k.word)
	pcs := make([]uintptr, waitDepth)
	p := &place{placeKey: k, stack: pcs[:runtime.Callers(4, pcs)]}
	if p := r.waits.add(p, r.defineWait); p != nil {
		return p
	}
	return r.waits.add(&place{}, r.defineWait)
}

func (r *Recorder) defineWait(p *place) {
	if s := r.spool; s != nil {
		s.lock()
		defer s.unlock()
		p.id = uint32(s.chain(states[suspended], p.word, p.stack))
	}
}

// nameID returns the number of a name, 0 for none.
func (r *Recorder) nameID(name string) uint32 {
	s := r.spool
	if s == nil || name == "" {
		return 0
	}
	k := placeKey{word: name}
	if p := r.names.find(&k); p != nil {
		return p.id
	}
	k.word = strings.Clone(name)
	if p := r.names.add(&place{placeKey: k}, func(p *place) { p.id = s.newName(p.word) }); p != nil {
		return p.id
	}
	return s.newName(name) // one of too many to be remembered
}

func (s *spool) newName(text string) uint32 {
	s.lock()
	defer s.unlock()
	return s.name(text)
}
