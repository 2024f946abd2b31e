package spans

import (
	"sort"

	"github.com/looptrace/looptrace/analyze"
)

// ArrowKind says what a task did to another one.
type ArrowKind uint8

// The kinds of arrows.
const (
	Spawn ArrowKind = iota + 1
	Cancel
	Wake
)

// String returns the verb.
func (k ArrowKind) String() string {
	return [...]string{Spawn: "spawn", Cancel: "cancel", Wake: "wake up"}[k]
}

// Arrow leads from the step in which a task did something to another one to the next step of that one.
type Arrow struct {
	Kind     ArrowKind
	TimeNS   int64
	Task     int32 // ID of the other one
	N        int32 // which of its cancels, or of all wake-ups
	From, To int32 // positions of steps; To is -1 for a cancel after which the task took no step
}

// ID tells arrows apart. It is not 0.
func (a Arrow) ID() uint64 { return uint64(a.Task)<<32 | uint64(a.N)<<2 | uint64(a.Kind) }

// CancelArrow returns what leads to a cancel of a task, if the step of who did it is known.
func (l *Layout) CancelArrow(t *analyze.Task, n int) (Arrow, bool) {
	c := &t.Cancels[n]
	from := l.stepAt(c.By, c.TimeNS)
	return Arrow{Cancel, c.TimeNS, int32(t.ID), int32(n), from, l.stepFrom(t, c.TimeNS)}, from >= 0
}

// draw finds the arrows both of whose ends are known.
func (l *Layout) draw() {
	for _, t := range l.Run.Tasks {
		if first := l.firstStep(t); t.BirthSeen && first >= 0 {
			if from := l.stepAt(t.Parent, t.SpawnedNS); from >= 0 {
				l.Arrows = append(l.Arrows, Arrow{Spawn, t.SpawnedNS, int32(t.ID), 0, from, first})
			}
		}
		for n := range t.Cancels {
			if a, ok := l.CancelArrow(t, n); ok {
				l.Arrows = append(l.Arrows, a)
			}
		}
	}
	for n := range l.timeline.Wakes {
		w := &l.timeline.Wakes[n]
		from, to := l.stepAt(w.By, w.TimeNS), l.stepFrom(w.Task, w.TimeNS)
		if from >= 0 && to >= 0 && from != to {
			l.Arrows = append(l.Arrows, Arrow{Wake, w.TimeNS, int32(w.Task.ID), int32(n), from, to})
		}
	}
}

// firstStep returns the position of the first step that a task took, -1 if it is not kept.
func (l *Layout) firstStep(t *analyze.Task) int32 {
	steps := l.steps.of(l.position(t))
	if len(steps) == 0 || l.Step(int(steps[0])).BeginNS > t.FirstStepNS {
		return -1
	}
	return steps[0]
}

// stepAt returns the position of the step in which a task was at a moment, -1 if none is known.
func (l *Layout) stepAt(t *analyze.Task, timeNS int64) int32 {
	steps := l.steps.of(l.position(t))
	n := sort.Search(len(steps), func(i int) bool { return l.Step(int(steps[i])).BeginNS > timeNS })
	if n == 0 {
		return -1
	}
	if s := l.Step(int(steps[n-1])); s.EndNS != 0 && s.EndNS < timeNS {
		return -1
	}
	return steps[n-1]
}

// stepFrom returns the position of the first step of a task that began at a moment or later, -1 if none is known.
func (l *Layout) stepFrom(t *analyze.Task, timeNS int64) int32 {
	steps := l.steps.of(l.position(t))
	n := sort.Search(len(steps), func(i int) bool { return l.Step(int(steps[i])).BeginNS >= timeNS })
	if n == len(steps) {
		return -1
	}
	return steps[n]
}

// Ends are the arrows that leave and reach each step, as positions in Layout.Arrows.
type Ends struct{ from, to lists }

// Ends sorts the arrows by steps. A cancel reaches its task at the moment itself, and no step.
func (l *Layout) Ends() *Ends {
	n := len(l.timeline.Steps)
	return &Ends{
		from: group(n, len(l.Arrows), func(i int) int { return int(l.Arrows[i].From) }),
		to: group(n, len(l.Arrows), func(i int) int {
			if l.Arrows[i].Kind == Cancel {
				return -1
			}
			return int(l.Arrows[i].To)
		}),
	}
}

// From returns the arrows that leave a step.
func (e *Ends) From(step int) []int32 { return e.from.of(step) }

// To returns the arrows that reach a step.
func (e *Ends) To(step int) []int32 { return e.to.of(step) }
