package analyze

import (
	"slices"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// LongStepNS is how long a step must take to be a LongStep: as long as asyncio's own debug mode finds slow.
const LongStepNS = 100_000_000

// LongStep is a step of a task, or another callback of a loop, that kept the loop from everything else for LongStepNS or
// longer.
type LongStep struct {
	Process        *Process
	Loop           *Loop
	Task           *Task // nil: a callback that is no step
	Thread         string
	BeginNS, EndNS int64
	Ended          bool         // false: it had not ended when the events stop
	Samples        []StepSample // in order of time; none where the launcher could not look
	Others         int          // tasks of the loop that were there too and are neither its ancestors nor siblings, at most 1000
	Siblings       int          // those of the same spawn site
	Ready          int          // steps and callbacks that were ready before it and had to wait for its end, siblings' excepted
	ReadySiblings  int
	Late           int   // timers that were overdue when it ended
	LateNS         int64 // how long they, or what was ready, waited because of it at most
}

// StepSample is where a thread was during a long step.
type StepSample struct {
	TimeNS int64
	Stack  []Frame // innermost first, down to the loop's call of the step
	State  string  // of the thread in the system: "R" runs or wants to, "S" and "D" wait, "T" and "t" stopped; "" if not known
	// Of the OverNS before it, the thread ran CPUNS and waited for a CPU WaitNS. OverNS is 0 where the system does not say.
	OverNS, CPUNS, WaitNS int64
	Interpreter           bool // it seemed to wait for the interpreter lock, which another thread held
}

// Lateness is a moment at which a loop found timers overdue.
type Lateness struct {
	TimeNS int64
	Loop   *Loop
	Count  int   // timers
	LateNS int64 // of the one that waited longest
	Begun  int   // steps and callbacks since the loop last waited, or was found late
	LongNS int64 // of this, long steps took
}

const (
	maxLongSteps = 10_000
	maxSamples   = 100  // kept of one step
	maxOthers    = 1000 // looked for
)

// loopTime is what happens on a thread between two waits of its loop.
type loopTime struct {
	samples []StepSample // of the open step
	recent  []*LongStep  // that ended since
	batch   []*LongStep  // that ended in this iteration of the loop: what runs next was ready before them
	begun   int          // steps and callbacks
}

func (p *proc) callbackBegun(e *tracefile.Event) {
	th := p.thread(e.Thread)
	p.endStep(th, e.Time)
	th.beganN, th.calling = e.Time, true
	th.begun++
	th.follows(nil)
}

// follows is called when a step, or a callback (nil), begins. After a long step the recorder marks the next iteration of
// the loop; before that mark, what begins was ready already when the step began.
func (th *thread) follows(t *task) {
	if len(th.batch) == 0 {
		return
	}
	for _, s := range th.batch {
		switch {
		case t == nil:
			s.Ready++
		case t.pub != nil && t.pub == s.Task, t.birthSeen && t.proc.b.rel(t.spawnedNS) >= s.BeginNS:
			continue
		case s.Task != nil && s.Task.Site == t.site.Site:
			s.ReadySiblings++
		default:
			s.Ready++
		}
		s.LateNS = max(s.LateNS, s.EndNS-s.BeginNS)
	}
}

func (p *proc) waitEnded(e *tracefile.Event) {
	th := p.thread(e.Thread)
	p.endStep(th, e.Time)
	th.batch = th.batch[:0]
}

func (p *proc) stepSampled(e *tracefile.Event) {
	th := p.thread(e.Thread)
	if len(th.samples) == maxSamples || p.pub.LostNS != 0 { // or it is not known whether that step is still open
		return
	}
	a := e.Attrs
	th.samples = append(th.samples, StepSample{
		TimeNS: p.b.rel(e.Time), Stack: p.stack(e.Stack).list(), State: a.Get("state"),
		OverNS: int64(number(a.Get("over_ns"))), CPUNS: int64(number(a.Get("cpu_ns"))), WaitNS: int64(number(a.Get("wait_ns"))),
		Interpreter: isSet(e, "interpreter"),
	})
}

// longStep notes the end of a step or callback that took long. A callback without a sample is none: what looks like one
// may be the end of a run.
func (p *proc) longStep(th *thread, t *task, end int64, ended bool) {
	samples := th.samples
	th.samples = nil
	if end-th.beganN < LongStepNS || t == nil && len(samples) == 0 {
		return
	}
	if len(p.pub.LongSteps) >= maxLongSteps {
		p.omitted++
		return
	}
	s := &LongStep{
		Process: p.pub, Loop: th.loop().facts(), Task: t.public(), Thread: p.threadName(th.id),
		BeginNS: p.b.rel(th.beganN), EndNS: p.b.rel(end), Ended: ended, Samples: samples,
	}
	l := th.loop()
	if t != nil {
		l = t.loop
		s.Loop = l.facts()
	}
	there := th.beganN
	if len(samples) > 0 {
		there = p.b.base + samples[0].TimeNS // also those that the step itself spawned before it was held
	}
	s.Others, s.Siblings = others(l, t, there)
	p.pub.LongSteps = append(p.pub.LongSteps, s)
	th.recent = append(th.recent, s)
	if !p.tagged { // the mark is sure to come where one thread runs loops
		th.batch = append(th.batch, s)
	}
}

// openSteps notes the steps that had not ended when the events stop.
func (p *proc) openSteps() {
	if !slices.Contains(p.threadList, p.loopThread) {
		p.threadList = append(p.threadList, p.loopThread)
	}
	for _, th := range p.threadList {
		if th.step != nil || th.samples != nil {
			p.longStep(th, th.step, p.last, false)
		}
		if th.step != nil || th.calling {
			p.stepped(th, th.step, th.loop(), 0)
		}
	}
}

// others counts the tasks of a loop that were there before a moment, without a task and those that wait for it by descent:
// those of other spawn sites than its own, and those of the same.
func others(l *loop, t *task, before int64) (strangers, siblings int) {
	if l == nil {
		return 0, 0
	}
	seen := 0
	for o := l.head; o != nil && seen < maxOthers; o = o.next {
		seen++
		switch {
		case o == t || o.spawnedNS >= before || o.outcome != 0 || ancestor(o, t):
		case t != nil && o.site == t.site:
			siblings++
		default:
			strangers++
		}
	}
	return strangers, siblings
}

// ancestor reports whether a task is in the line of parents of another.
func ancestor(o, t *task) bool {
	for n := 0; t != nil && n < 2*maxLine; n++ {
		if t = t.parent; t == o && t != nil {
			return true
		}
	}
	return false
}

// waited is called when the loop of a thread begins to wait: everything that was due has had its turn.
func (th *thread) waited() {
	th.recent, th.batch = th.recent[:0], th.batch[:0]
	th.begun = 0
}

func (p *proc) loopLate(e *tracefile.Event) {
	th := p.thread(e.Thread)
	count, late := int(number(e.Attrs.Get("count"))), int64(number(e.Attrs.Get("late_ns")))
	if late <= 0 {
		return
	}
	// The step before has returned, although nothing said so.
	p.endStep(th, e.Time)
	now := p.b.rel(e.Time)
	l := Lateness{TimeNS: now, Loop: p.knownLoop(e.Loop).facts(), Count: count, LateNS: late, Begun: th.begun}
	for _, s := range th.recent {
		// As much of the wait as fell into this step.
		if part := min(s.EndNS, now) - max(s.BeginNS, now-late); part > 0 {
			s.Late, s.LateNS = max(s.Late, count), max(s.LateNS, part)
			l.LongNS += part
		}
	}
	th.waited()
	if len(p.pub.Lateness) >= maxRepeats {
		p.omitted++
		return
	}
	p.pub.Lateness = append(p.pub.Lateness, l)
}
