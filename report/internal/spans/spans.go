// Package spans arranges a run's timeline for formats that other tools draw: the steps of each loop and of each task one
// after the other, what a task waited for in between, who spawned, cancelled and woke whom, and marks.
//
// What it returns can be drawn as it is: spans of one lane or task do not overlap, whatever the trace says, and names are fit
// to be shown. Beside the facts it takes some words of memory for each step, task and sighting.
package spans

import (
	"cmp"
	"iter"
	"math"
	"slices"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// Layout is the arranged timeline of a run.
type Layout struct {
	Run    *analyze.Run
	Lanes  []*Lane // by process, then by loop
	Arrows []Arrow
	EndNS  int64 // of all that is known of the run

	timeline *analyze.Timeline
	lanes    map[laneKey]*Lane
	place    []int32 // by ID of a task: its position in Run.Tasks
	steps    lists   // positions in Timeline.Steps, by task
	ran      lists   // the same, by lane
	sights   lists   // positions in Timeline.Sightings, by task
	lives    lists   // positions in live, by task
	live     []liveAt
	words    wording.Phraser
	places   map[*analyze.Frame]string
}

// Lane is where a loop draws what it ran. There is one more for the tasks of a process whose loop was not observed, and for
// each lane of a loop of a Go program, which runs several tasks at once.
type Lane struct {
	ID      int // from 1
	Process *analyze.Process
	Loop    *analyze.Loop // nil: not observed
	Number  int32         // of several of one loop, as analyze.Step has it; 0: the loop itself
}

type laneKey struct {
	process *analyze.Process
	loop    *analyze.Loop
	number  int32
}

// Span is a part of a lane or of a task's life.
type Span struct {
	BeginNS, EndNS int64 // EndNS 0: it had not ended when the events stop
	Step           int   // position of the step in Timeline.Steps; -1 for what is none
	Name           string
}

// New arranges the timeline of a run. A run without one has no steps.
func New(run *analyze.Run) *Layout {
	l := &Layout{Run: run, timeline: run.Timeline, lanes: map[laneKey]*Lane{}, places: map[*analyze.Frame]string{}}
	if l.timeline == nil {
		l.timeline = &analyze.Timeline{}
	}
	if n := len(run.Tasks); n > 0 {
		l.place = make([]int32, run.Tasks[n-1].ID+1)
	}
	for i := range l.place {
		l.place[i] = -1
	}
	for i, t := range run.Tasks {
		l.place[t.ID] = int32(i)
	}
	tl := l.timeline
	l.steps = group(len(run.Tasks), len(tl.Steps), func(i int) int { return l.position(tl.Steps[i].Task) })
	l.sights = group(len(run.Tasks), len(tl.Sightings), func(i int) int { return l.position(tl.Sightings[i].Task) })
	l.collectLive()
	l.makeLanes()
	l.ran = group(len(l.Lanes), len(tl.Steps), func(i int) int {
		if lane := l.laneOf(&tl.Steps[i]); lane != nil {
			return lane.ID - 1
		}
		return -1
	})
	l.draw()
	l.EndNS = l.end()
	return l
}

// position returns where a task is in Run.Tasks, -1 for nil.
func (l *Layout) position(t *analyze.Task) int {
	if t == nil || t.ID < 0 || t.ID >= len(l.place) {
		return -1
	}
	return int(l.place[t.ID])
}

func (l *Layout) makeLanes() {
	add := func(p *analyze.Process, loop *analyze.Loop, number int32) {
		if key := (laneKey{p, loop, number}); l.lanes[key] == nil {
			l.lanes[key] = &Lane{Process: p, Loop: loop, Number: number}
			l.Lanes = append(l.Lanes, l.lanes[key])
		}
	}
	for _, loop := range l.Run.Loops {
		add(loop.Process, loop, 0)
	}
	for _, t := range l.Run.Tasks {
		add(t.Process, t.Loop, 0)
	}
	for i := range l.timeline.Steps {
		switch s := &l.timeline.Steps[i]; {
		case s.Loop != nil && s.Lane != 0:
			add(s.Loop.Process, s.Loop, s.Lane)
		case s.Task != nil && s.Loop == nil:
			add(s.Task.Process, nil, s.Lane)
		}
	}
	processes := map[*analyze.Process]int{}
	for i, p := range l.Run.Processes {
		processes[p] = i
	}
	slices.SortStableFunc(l.Lanes, func(a, b *Lane) int {
		return cmp.Or(cmp.Compare(processes[a.Process], processes[b.Process]), cmp.Compare(order(a.Loop), order(b.Loop)), cmp.Compare(a.Number, b.Number))
	})
	for i, lane := range l.Lanes {
		lane.ID = i + 1
	}
}

// order puts the loop that was not observed last.
func order(l *analyze.Loop) int {
	if l == nil {
		return 1 << 62
	}
	return l.ID
}

// LaneOf returns where the loop of a task is drawn.
func (l *Layout) LaneOf(t *analyze.Task) *Lane { return l.lanes[laneKey{t.Process, t.Loop, 0}] }

// laneOf returns where a step is drawn, nil if nobody knows whose it is.
func (l *Layout) laneOf(s *analyze.Step) *Lane {
	switch {
	case s.Loop != nil:
		return l.lanes[laneKey{s.Loop.Process, s.Loop, s.Lane}]
	case s.Task != nil:
		return l.lanes[laneKey{s.Task.Process, nil, s.Lane}]
	}
	return nil
}

// Steps yields what the loops ran, lane by lane.
func (l *Layout) Steps() iter.Seq2[*Lane, Span] {
	return func(yield func(*Lane, Span) bool) {
		for _, lane := range l.Lanes {
			for span := range l.LaneSteps(lane) {
				if !yield(lane, span) {
					return
				}
			}
		}
	}
}

// LaneSteps yields what a loop ran, in the order of time and without overlaps. Only the last step can be one that had not ended.
func (l *Layout) LaneSteps(lane *Lane) iter.Seq[Span] {
	return func(yield func(Span) bool) {
		steps := l.ran.of(lane.ID - 1)
		at := int64(math.MinInt64)
		for n, i := range steps {
			s := l.Step(int(i))
			span := Span{BeginNS: max(s.BeginNS, at), EndNS: s.EndNS, Step: int(i)}
			if s.EndNS == 0 && n+1 < len(steps) {
				span.EndNS = l.Step(int(steps[n+1])).BeginNS
			}
			if span.EndNS != 0 || n+1 < len(steps) {
				span.EndNS = max(span.EndNS, span.BeginNS)
			}
			if !yield(span) {
				return
			}
			at = span.EndNS
		}
	}
}

// StepCount returns how many steps the timeline has.
func (l *Layout) StepCount() int { return len(l.timeline.Steps) }

// LoopLane returns where a loop is drawn; nil for nil.
func (l *Layout) LoopLane(loop *analyze.Loop) *Lane {
	if loop == nil {
		return nil
	}
	return l.lanes[laneKey{loop.Process, loop, 0}]
}

// Step returns a step by its position.
func (l *Layout) Step(i int) *analyze.Step { return &l.timeline.Steps[i] }

// end returns the last moment that something is told of.
func (l *Layout) end() int64 {
	end := max(l.Run.Info.DurationNS, 0)
	for _, p := range l.Run.Processes {
		end = max(end, p.StartedNS, p.Exit.TimeNS)
	}
	for i := range l.timeline.Steps {
		end = max(end, l.timeline.Steps[i].BeginNS, l.timeline.Steps[i].EndNS)
	}
	for _, t := range l.Run.Tasks {
		end = max(end, t.SpawnedNS, t.EndedNS)
	}
	for _, m := range l.Marks(nil) {
		end = max(end, m.TimeNS)
	}
	return end
}

// lists are lists of positions, one after the other.
type lists struct{ from, all []int32 }

func (g *lists) of(i int) []int32 {
	if i < 0 || i+1 >= len(g.from) {
		return nil
	}
	return g.all[g.from[i]:g.from[i+1]]
}

// group makes n lists of the positions below count, whose orders stay. of says in which one a position belongs, -1 in none.
func group(n, count int, of func(int) int) lists {
	g := lists{from: make([]int32, n+2)}
	total := int32(0)
	for i := range count {
		if k := of(i); k >= 0 {
			g.from[k+2]++
			total++
		}
	}
	for k := 2; k < len(g.from); k++ {
		g.from[k] += g.from[k-1]
	}
	g.all = make([]int32, total)
	for i := range count {
		if k := of(i); k >= 0 {
			g.all[g.from[k+1]] = int32(i)
			g.from[k+1]++
		}
	}
	g.from = g.from[:n+1]
	return g
}
