package analyze

import (
	"slices"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// Cancel is one cancellation of a task that was scheduled for delivery.
type Cancel struct {
	TimeNS     int64
	By         *Task
	Stack      []Frame
	At         *Frame
	StepsAfter int      // steps that the task took afterwards
	Awaiting   []Frame  // where the task was suspended then, outermost first; nil if that was not observed
	On         string   // what it waited for there, as On.Kind
	AwaitedAt  *Frame   // innermost frame of the program of it
	Ignored    []WentOn // where the task was suspended afterwards, having left the clause that caught the cancellation
}

// WentOn is a suspension of a task that had taken a cancellation, was not handling it any more, and had not ended.
type WentOn struct {
	TimeNS   int64
	Steps    int // taken since the cancellation
	Awaiting []Frame
	At       *Frame
	Same     bool // it is where the cancellation had met the task
	Expected bool // a function of the task names CancelledError: it was no catch-all that caught it
}

// cancel is one request, as long as its task may still be folded.
type cancel struct {
	timeNS  int64
	by      *task
	stack   *stack
	chain   *chain // where the task was suspended
	steps   int    // that the task had taken
	ignored []wentOn
}

// wentOn is a WentOn before it is settled.
type wentOn struct {
	timeNS int64
	steps  int
	chain  *chain
	expect bool
}

// maxCancels is how many cancellations of one task are kept: the first and the last ones.
const maxCancels = 32

// maxIgnored is how many suspensions after one cancellation are kept.
const maxIgnored = 16

func (p *proc) cancelRequested(e *tracefile.Event) {
	th := p.thread(e.Thread)
	t := p.task(e.Task, th.loop())
	if t == nil || t.outcome != 0 {
		return
	}
	if len(t.cancels) == maxCancels {
		p.b.dropRequester(t, 1)
		t.cancels = append(t.cancels[:1], t.cancels[2:]...)
	}
	by := th.step
	if by != nil && by != t {
		by.refs++
	}
	t.wokenByCancel = by != nil && t.wokenNS != 0 && t.wokenNS >= t.restNS && t.wokenBy == by.id
	t.cancelled++
	t.cancels = append(t.cancels, cancel{timeNS: e.Time, by: by, stack: p.stack(e.Stack), chain: t.chain, steps: t.steps})
}

// taskTaken takes in where a task is suspended that has taken its last cancellation and went on.
func (p *proc) taskTaken(e *tracefile.Event) {
	t := p.task(e.Task, p.thread(e.Thread).loop())
	if t == nil || t.outcome != 0 || len(t.cancels) == 0 {
		return
	}
	c := &t.cancels[len(t.cancels)-1]
	if t.steps > c.steps && len(c.ignored) < maxIgnored {
		c.ignored = append(c.ignored, wentOn{timeNS: e.Time, steps: t.steps - c.steps, chain: p.chain(e.Chain), expect: isSet(e, "expected")})
		t.public() // it is kept
	}
}

// settleCancels writes the cancellations of a task into its public half.
func (b *builder) settleCancels(t *task, pub *Task) {
	for i := range t.cancels {
		c := &t.cancels[i]
		out := Cancel{
			TimeNS: b.rel(c.timeNS), By: c.by.public(), Stack: c.stack.list(), At: caller(c.stack.list(), "cancel", ""), StepsAfter: t.steps - c.steps,
		}
		if c.chain != nil && c.chain.state != "not-started" {
			out.Awaiting, out.AwaitedAt, out.On = c.chain.frames, c.chain.at, c.chain.kind
		}
		for _, w := range c.ignored {
			out.Ignored = append(out.Ignored, WentOn{
				TimeNS: b.rel(w.timeNS), Steps: w.steps, Awaiting: w.chain.frames, At: w.chain.at, Expected: w.expect,
				Same: len(out.Awaiting) > 0 && slices.Equal(w.chain.frames, out.Awaiting),
			})
		}
		pub.Cancels = append(pub.Cancels, out)
	}
}
