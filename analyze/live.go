package analyze

import (
	"slices"
	"strings"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// liveSet is a snapshot that LiveTask events are filling.
type liveSet struct {
	list     *[]*Live
	loop     *loop // nil: of all loops that are not closed
	thread   *thread
	timeNS   int64
	shutdown *Shutdown
	partial  bool // of a loop that was closed before: no task of it is told of again
	seen     map[*task]*Live
}

// beginLive begins a snapshot.
func (p *proc) beginLive(s *liveSet) {
	s.seen = map[*task]*Live{}
	if s.loop != nil {
		p.endLive(s.loop.live)
		s.loop.live = s
	} else {
		p.exitLive = s
	}
	p.live = s
}

// snapshot returns the snapshot that a LiveTask event belongs to: the last one that began, unless two threads take one at
// the same time.
func (p *proc) snapshot(l *loop) *liveSet {
	if p.live != nil && (p.live.loop == nil || l == nil || p.live.loop == l) {
		return p.live
	}
	if l != nil && l.live != nil {
		return l.live
	}
	return p.exitLive
}

func (p *proc) liveTask(e *tracefile.Event) {
	l := p.knownLoop(e.Loop)
	s := p.snapshot(l)
	if s == nil {
		return
	}
	if l == nil {
		l = s.loop
	}
	t := p.task(e.Task, l)
	if t == nil || s.seen[t] != nil {
		return
	}
	t.joinLoop(l)
	t.setName(text(e, "name", e.Name))
	c := p.chain(e.Chain)
	p.guessCoro(t, c)
	if p.pub.Go() {
		t.seen = c
	}
	if c.state == "suspended" && t.outcome == 0 {
		t.ran()
	}
	on := On{Kind: c.kind}
	if id := number(e.Attrs.Get("on_task")); id != 0 {
		on.Task = p.public(tracefile.TaskID(id), l)
	}
	live := &Live{
		Task:             t.public(),
		State:            p.stateOf(t, c),
		Awaiting:         c.frames,
		At:               c.at,
		On:               on,
		AsOfNS:           p.b.rel(e.Time),
		Steps:            t.steps,
		MustCancel:       isSet(e, "must_cancel"),
		Cancelling:       signed(e.Attrs.Get("cancelling"), -1),
		WaiterCancelled:  isSet(e, "waiter_cancelled"),
		LogDestroy:       isSet(e, "log_destroy"),
		AwaitedBy:        fields(e.Attrs.Get("awaited_by")),
		CancelsSoFar:     t.cancelled,
		StepsSinceCancel: t.stepsSinceCancel(),
	}
	p.since(live, t, e)
	s.seen[t] = live
	p.b.waited.saw(t, c, e.Time)
	*s.list = append(*s.list, live)
	if s.shutdown != nil && t.outcome == 0 {
		t.shutdown = s.shutdown
	}
}

// since says since when a live task is suspended.
func (p *proc) since(l *Live, t *task, e *tracefile.Event) {
	if l.State != "suspended" {
		return
	}
	if ns := signed(e.Attrs.Get("since"), 0); ns != 0 {
		l.SinceNS, l.SinceLeast = p.b.rel(int64(ns)), isSet(e, "since_least")
	} else if t.sinceNS != 0 {
		l.SinceNS, l.SinceLeast = p.b.rel(t.sinceNS), t.sinceLeast
	} else if t.restNS != 0 {
		l.SinceNS = p.b.rel(t.restNS)
	}
}

// stateOf is the state that the recorder saw; where it saw none, that of the events.
func (p *proc) stateOf(t *task, c *chain) string {
	switch c.state {
	case "suspended", "running", "not-started", "runnable":
		return c.state
	}
	switch {
	case t.thread != nil:
		return "running"
	case t.steps == 0 && p.steps && len(c.frames) == 0 && (t.birthSeen || !p.pub.Go()):
		return "not-started"
	case t.steps > 0 && p.pub.Go():
		return "runnable" // its step ended, and not because it had to wait
	}
	return "suspended"
}

func (t *task) stepsSinceCancel() int {
	if n := len(t.cancels); n > 0 {
		return t.steps - t.cancels[n-1].steps
	}
	return -1
}

// guessCoro names the coroutine of a task whose birth was not observed after the outermost frame of its chain.
func (p *proc) guessCoro(t *task, c *chain) {
	if t.birthSeen || t.site != p.b.sites.unknown() || len(c.frames) == 0 {
		return
	}
	f := c.frames[0]
	t.site.Spawned--
	t.site = p.intern(Site{Coro: f.Qualname, Def: Frame{File: f.File, Function: f.Function, Qualname: f.Qualname, User: f.User}})
	t.site.Spawned++
	if t.pub != nil {
		t.pub.Site = t.site.Site
	}
}

// endLive ends a snapshot of a loop: the loop's tasks that it does not have are gone, though they never ended. A snapshot
// taken on another thread than the one that runs the loop may miss tasks and proves nothing.
func (p *proc) endLive(s *liveSet) {
	if s == nil {
		return
	}
	if s.loop != nil {
		if s.loop.live == s {
			s.loop.live = nil
		}
		p.collect(s, s.loop)
	} else {
		for _, l := range p.loopList {
			if l.pub.ClosedBy == nil {
				p.collect(s, l)
			}
		}
		p.exitLive = nil
	}
	if p.live == s {
		p.live = nil
	}
}

func (p *proc) collect(s *liveSet, l *loop) {
	if s.partial || l.thread != nil && l.thread != s.thread {
		return
	}
	for t := l.head; t != nil; {
		next := t.next
		if s.seen[t] == nil && t.spawnedNS <= s.timeNS && t.thread == nil {
			t.missing = true
			l.removeLive(t)
			t.public()
		}
		t = next
	}
}

// rebuildLive lists what was live when the events stop without an end having been seen.
func (p *proc) rebuildLive() []*Live {
	var out []*Live
	for _, l := range append(p.loopList, p.loop(0)) {
		if l.pub.ClosedBy != nil || l.foreign() {
			continue
		}
		for t := l.head; t != nil; t = t.next {
			out = append(out, p.lastSeen(t))
		}
	}
	return out
}

// lastSeen is what is known of a live task when the events stop: samples are taken now and then only, so that its chain may
// be one of some steps ago.
func (p *proc) lastSeen(t *task) *Live {
	c, asOf := t.chain, t.chainNS
	switch {
	case c == nil || t.thread != nil || c.state != "suspended" && c != runnableChain:
		c, asOf = noChain, p.last
	case t.sinceNS != 0: // it is there until an event says something else
		asOf = p.last
	}
	p.guessCoro(t, c)
	l := &Live{
		Task:             t.public(),
		State:            p.stateOf(t, c),
		Awaiting:         c.frames,
		At:               c.at,
		On:               On{Kind: c.kind},
		AsOfNS:           p.b.rel(asOf),
		Steps:            t.steps,
		Cancelling:       -1,
		LogDestroy:       true,
		CancelsSoFar:     t.cancelled,
		StepsSinceCancel: t.stepsSinceCancel(),
	}
	if l.State == "suspended" && t.restNS != 0 {
		l.SinceNS = p.b.rel(t.restNS)
	} else if l.State == "suspended" && t.sinceNS != 0 {
		l.SinceNS, l.SinceLeast = p.b.rel(t.sinceNS), t.sinceLeast
	}
	if b := t.blocked; b != nil && b.steps == t.steps && l.State == "suspended" {
		p.explainLive(l, t, b)
	}
	return l
}

// sortLive brings snapshots into an order that is the same for every run of the program: the interpreter keeps its tasks in
// a set.
func (p *proc) sortLive() {
	byTask := func(list []*Live) {
		slices.SortStableFunc(list, func(a, b *Live) int { return a.Task.ID - b.Task.ID })
	}
	byTask(p.pub.Exit.Live)
	for _, s := range p.pub.Snapshots {
		byTask(s.Live)
	}
	for _, l := range p.loopList {
		for _, c := range l.pub.Closes {
			byTask(c.Live)
		}
		for _, s := range l.pub.Shutdowns {
			byTask(s.Live)
		}
	}
}

func fields(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}
