package analyze

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Waited is how long tasks waited at one place: an await-time profile has one of them for each await stack. A wait begins
// with the end of a step and ends when the task is woken, or takes its next step where nobody recorded that.
//
// Of Go programs every wait has its stack. Of asyncio's the total is exact too, but where a task stands is only seen now and
// then: the shorter a wait, the likelier its stack is not known.
type Waited struct {
	Process *Process
	Loop    *Loop // nil where it was not observed
	Test    *Test // that made the tasks; nil: none
	Site    *Site // of the tasks where Stack is nil, else of the first of them
	Stack   []Frame
	On      string // as On.Kind; "" where the stack is not known
	Count   int    // waits, those that never ended among them
	WaitNS  int64
	Open    int   // waits that never ended: of tasks that were suspended when their loop was closed, or their process ended
	OpenNS  int64 // of WaitNS
}

// maxWaited is how many places with a loop and a test each are told apart; those beyond are of no loop and no test.
const maxWaited = 1 << 16

// waitedKey is what waits are added up by. Chains and sites are interned.
type waitedKey struct {
	proc  *proc
	chain *chain
	site  *Site // nil if chain is not
	loop  *Loop
	test  *Test
}

// waited adds up waits.
type waited struct {
	byKey map[waitedKey]*Waited
	all   []*Waited
	seen  map[*task]glimpse // where tasks stood in the last list of live ones, if that was in the wait that goes on
}

// glimpse is where a task was seen to stand.
type glimpse struct {
	chain *chain
	ns    int64
}

func newWaited() *waited {
	return &waited{byKey: map[waitedKey]*Waited{}, seen: map[*task]glimpse{}}
}

// saw takes in where a list of live tasks shows a task, which nothing else remembers.
func (w *waited) saw(t *task, c *chain, now int64) {
	if w != nil && t.outcome == 0 && t.thread == nil && c.state == "suspended" {
		w.seen[t] = glimpse{c, now}
	}
}

// over takes in that a task goes on, or has ended. It is called before its next step is begun.
func (w *waited) over(t *task, now int64) {
	if w == nil {
		return
	}
	begin, c := w.waits(t)
	if len(w.seen) > 0 {
		delete(w.seen, t)
	}
	if begin == 0 {
		return
	}
	if t.wokenNS > begin && t.wokenNS < now {
		now = t.wokenNS
	}
	sum := w.of(t, c)
	sum.Count++
	sum.WaitNS = plus(sum.WaitNS, now-begin)
}

// waits returns since when a task waits, as recorded, and where; 0 if it does not, nil if where is not known.
func (w *waited) waits(t *task) (int64, *chain) {
	if t.thread != nil {
		return 0, nil
	}
	at := glimpse{t.chain, t.chainNS}
	if at.chain == nil || at.chain.state != "suspended" || at.ns < t.restNS {
		at = glimpse{}
	}
	if live, ok := w.seen[t]; ok && live.ns >= t.restNS {
		if at.chain != nil {
			live.ns = at.ns
		}
		at = live
	}
	switch {
	case t.chain == runnableChain: // it was woken before
		return 0, nil
	case t.sinceNS != 0:
		return t.sinceNS, at.chain
	case at.chain == nil && (t.proc.pub.Go() || t.restNS == 0): // it could go on at any time, or has not started
		return 0, nil
	case t.restNS != 0:
		return t.restNS, at.chain
	case t.eager:
		return t.spawnedNS, at.chain
	}
	return at.ns, at.chain // it waited before somebody looked
}

// of returns the sum that a wait of t belongs to. Most are of the same one as the last of their chain.
func (w *waited) of(t *task, c *chain) *Waited {
	key := waitedKey{proc: t.proc, chain: c, loop: t.loop.facts()}
	if t.made != nil {
		key.test = t.made.Test
	}
	if c == nil {
		key.site = t.site.Site
	} else if last := c.waited; last != nil && last.Loop == key.loop && last.Test == key.test {
		return last
	}
	sum := w.byKey[key]
	if sum == nil && len(w.all) >= maxWaited {
		key.loop, key.test = nil, nil
		sum = w.byKey[key]
	}
	if sum == nil {
		sum = &Waited{Process: t.proc.pub, Loop: key.loop, Test: key.test, Site: t.site.Site}
		if c != nil {
			sum.Stack, sum.On = c.frames, c.kind
		}
		w.byKey[key] = sum
		w.all = append(w.all, sum)
	}
	if c != nil {
		c.waited = sum
	}
	return sum
}

// open takes in the tasks of a process that wait when its events end. It is called once their end is known.
func (w *waited) open(p *proc) {
	if w == nil {
		return
	}
	for _, l := range append(slices.Clone(p.loopList), p.loop(0)) {
		if l.foreign() {
			continue
		}
		until := w.until(p, l)
		for t := l.head; t != nil; t = t.next {
			begin, c := w.waits(t)
			if begin == 0 || begin > until || begin == until && p.pub.LostNS != 0 { // the recording's end was that of its step
				continue
			}
			sum := w.of(t, c)
			sum.Count++
			sum.Open++
			sum.WaitNS = plus(sum.WaitNS, until-begin)
			sum.OpenNS = plus(sum.OpenNS, until-begin)
		}
	}
}

// until returns when the tasks of a loop stopped to wait, as recorded: nothing wakes those of a closed loop, and nobody knows
// what they did once the recording had stopped.
func (w *waited) until(p *proc, l *loop) int64 {
	until := p.last
	if l.pub != nil && l.pub.ClosedBy != nil {
		until = min(until, l.pub.ClosedBy.TimeNS+p.b.base)
	}
	if p.pub.LostNS != 0 {
		until = min(until, p.pub.LostNS+p.b.base)
	}
	return until
}

// settle returns the sums in an order that depends on the events alone. Those of Go's runtime are left out, as its own
// profiles do: it waits in its goroutines for work, all the time.
func (w *waited) settle() []*Waited {
	w.all = slices.DeleteFunc(w.all, func(s *Waited) bool {
		return s.Process.Go() && len(s.Stack) > 0 && ofRuntime(s.Stack[0].Qualname)
	})
	slices.SortStableFunc(w.all, func(a, b *Waited) int { return cmp.Compare(b.WaitNS, a.WaitNS) })
	return w.all
}

// ofRuntime reports whether goroutines that start with a function are the runtime's own.
func ofRuntime(start string) bool {
	return start != "runtime.main" && (strings.HasPrefix(start, "runtime.") || strings.HasPrefix(start, "runtime/"))
}

// plus adds a time to a sum. Clocks of two threads may disagree by a little, and those of a damaged trace by centuries.
func plus(sum, ns int64) int64 {
	if ns <= 0 {
		return sum
	}
	if sum += ns; sum < 0 {
		return math.MaxInt64
	}
	return sum
}
