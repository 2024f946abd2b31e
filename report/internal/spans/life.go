package spans

import (
	"iter"
	"sort"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// liveAt is a task in a list of those that were live at a moment.
type liveAt struct {
	timeNS int64
	live   *analyze.Live
}

// collectLive finds where tasks stood at closes, shutdowns and ends.
func (l *Layout) collectLive() {
	add := func(timeNS int64, list []*analyze.Live) {
		for _, live := range list {
			at := timeNS
			if live.AsOfNS != 0 {
				at = live.AsOfNS
			}
			l.live = append(l.live, liveAt{at, live})
		}
	}
	for _, c := range l.Run.Closes {
		add(c.TimeNS, c.Live)
	}
	for _, loop := range l.Run.Loops {
		for _, s := range loop.Shutdowns {
			add(s.BeginNS, s.Live)
		}
	}
	for _, p := range l.Run.Processes {
		add(p.Exit.TimeNS, p.Exit.Live)
	}
	sort.SliceStable(l.live, func(a, b int) bool { return l.live[a].timeNS < l.live[b].timeNS })
	l.lives = group(len(l.Run.Tasks), len(l.live), func(i int) int { return l.position(l.live[i].live.Task) })
}

// Life returns the span of a task, from its birth, or where that was not seen from what was first seen of it.
func (l *Layout) Life(t *analyze.Task) Span {
	life := Span{BeginNS: t.SpawnedNS, EndNS: t.EndedNS, Step: -1}
	steps := l.steps.of(l.position(t))
	if !t.BirthSeen && t.FirstStepNS != 0 {
		life.BeginNS = t.FirstStepNS
	}
	if len(steps) > 0 {
		life.BeginNS = min(life.BeginNS, l.Step(int(steps[0])).BeginNS)
	}
	if life.EndNS == 0 {
		return life
	}
	life.EndNS = max(life.EndNS, life.BeginNS)
	for _, i := range steps { // a damaged trace may have some after the end
		life.EndNS = max(life.EndNS, l.Step(int(i)).BeginNS, l.Step(int(i)).EndNS)
	}
	return life
}

// Parts yields the steps of a task, and what it waited for in between where that is known, in the order of time and without
// overlaps, all within its life.
func (l *Layout) Parts(t *analyze.Task) iter.Seq[Span] {
	return func(yield func(Span) bool) {
		life := l.Life(t)
		steps := l.steps.of(l.position(t))
		at := life.BeginNS
		for n, i := range steps {
			s := l.Step(int(i))
			begin := max(s.BeginNS, at)
			if wait, ok := l.wait(t, at, begin, n == 0); ok && !yield(wait) {
				return
			}
			span := Span{BeginNS: begin, EndNS: s.EndNS, Step: int(i)}
			switch {
			case s.EndNS != 0:
				span.EndNS = max(s.EndNS, begin)
			case n+1 < len(steps):
				span.EndNS = max(l.Step(int(steps[n+1])).BeginNS, begin)
			case life.EndNS != 0:
				span.EndNS = life.EndNS
			}
			if !yield(span) || span.EndNS == 0 {
				return
			}
			at = span.EndNS
		}
		if wait, ok := l.wait(t, at, life.EndNS, len(steps) == 0); ok {
			yield(wait)
		}
	}
}

// wait returns what a task waited for from one moment to another (0: it still does), if that is known. first: it has not
// taken a step before, as far as that is known.
func (l *Layout) wait(t *analyze.Task, from, to int64, first bool) (Span, bool) {
	wait := Span{BeginNS: from, EndNS: to, Step: -1}
	if from == to {
		return wait, false
	}
	if first && t.BirthSeen && !t.Eager && (t.Steps == 0 || to != 0 && t.FirstStepNS >= to) {
		wait.Name = "not started"
		return wait, true
	}
	if l.timeline.Dropped > 0 && from < l.timeline.FromNS {
		return wait, false // there may have been steps
	}
	if i := l.lastWithin(l.lives.of(l.position(t)), from, to, func(i int32) int64 { return l.live[i].timeNS }); i >= 0 {
		if live := l.live[i].live; live.State == "suspended" {
			wait.Name = l.suspended(t, live.At, wording.WaitsFor(live.On, l.words.Task))
			return wait, true
		}
	}
	if i := l.lastWithin(l.sights.of(l.position(t)), from, to, func(i int32) int64 { return l.timeline.Sightings[i].TimeNS }); i >= 0 {
		s := &l.timeline.Sightings[i]
		wait.Name = l.suspended(t, s.At, wording.WaitsFor(analyze.On{Kind: s.On}, nil))
		return wait, true
	}
	if to == 0 && t.LastSeen != nil {
		wait.Name = l.suspended(t, t.LastSeen.At, wording.WaitsFor(t.LastSeen.On, l.words.Task))
		return wait, true
	}
	return wait, false
}

// lastWithin returns the last of some positions whose time is within from and to, -1 if there is none. to 0 is the end.
func (l *Layout) lastWithin(list []int32, from, to int64, timeOf func(int32) int64) int32 {
	n := len(list)
	if to != 0 {
		n = sort.Search(len(list), func(k int) bool { return timeOf(list[k]) > to })
	}
	if n == 0 || timeOf(list[n-1]) < from {
		return -1
	}
	return list[n-1]
}

// suspended says where a task was suspended and for what.
func (l *Layout) suspended(t *analyze.Task, at *analyze.Frame, on string) string {
	text := "suspended"
	if on != "" {
		text += ", waits for " + on
	}
	if at != nil {
		text += " at " + l.Place(t.Process, at)
	}
	return text
}
