package gantt

import (
	"math"
	"slices"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
	"github.com/looptrace/looptrace/report/tasklist"
)

// Shares of a window that is chosen around a moment.
const (
	periods     = 3   // a window shows so many times the time since the tasks' last steps
	wholeShare  = 0.6 // of the loop's life; more than that, and all of it is shown
	afterShare  = 8   // the part of the window after the moment is one in so many
	stepsBefore = 60  // that a window shows at least
	leastNS     = 10_000
)

// moment finds what a query is about.
func moment(res *analyze.Result, at tasklist.When) (Moment, error) {
	run := res.Run
	c := tasklist.DecisiveClose(res)
	switch {
	case at.Kind == tasklist.Instant:
		return instant(run, at.TimeNS), nil
	case at.Kind == tasklist.Close && c == nil:
		return Moment{}, tasklist.ErrNoClose
	case at.Kind == tasklist.End || c == nil:
		return end(run), nil
	}
	return Moment{TimeNS: c.TimeNS, Words: closeWords(c), Close: c, Exact: true, Live: liveMap(c.Live)}, nil
}

func closeWords(c *analyze.Close) string {
	switch c.Outcome {
	case "refused":
		return "close() refused"
	case "closed":
		return "closed"
	case "seen":
		return (&wording.Phraser{}).Closed(c)
	case "noop":
		return "close() again"
	}
	return "close() failed"
}

func liveMap(lists ...[]*analyze.Live) map[*analyze.Task]*analyze.Live {
	live := map[*analyze.Task]*analyze.Live{}
	for _, list := range lists {
		for _, l := range list {
			live[l.Task] = l
		}
	}
	return live
}

// end is the end of the process that the result is about: the main one.
func end(run *analyze.Run) Moment {
	m := Moment{Words: "the end", TimeNS: run.Info.DurationNS, Exact: true, Live: map[*analyze.Task]*analyze.Live{}}
	for _, p := range run.Processes {
		if p.Main || len(run.Processes) == 1 {
			m.TimeNS = p.Exit.TimeNS
		}
		for _, l := range p.Exit.Live {
			m.Live[l.Task] = l
		}
	}
	return m
}

func instant(run *analyze.Run, ns int64) Moment {
	m := Moment{Words: "here", TimeNS: ns, Live: map[*analyze.Task]*analyze.Live{}}
	told := map[*analyze.Process]bool{}
	for _, p := range run.Processes {
		if s := tasklist.SnapshotAt(p, ns); s != nil {
			told[p] = true
			for _, l := range s.Live {
				m.Live[l.Task] = l
			}
		}
	}
	for _, t := range run.Tasks {
		if !told[t.Process] && t.SpawnedNS <= ns && ns < endOf(t) {
			m.Live[t] = nil
		}
	}
	return m
}

// endOf returns when a task ended, or when no more can be said of it: its loop was closed, its process ended.
func endOf(t *analyze.Task) int64 {
	if t.EndedNS != 0 {
		return t.EndedNS
	}
	if t.Loop != nil && t.Loop.ClosedBy != nil {
		return t.Loop.ClosedBy.TimeNS
	}
	return processEnd(t.Process)
}

func processEnd(p *analyze.Process) int64 {
	switch {
	case p == nil:
		return math.MaxInt64
	case p.LostNS != 0:
		return p.LostNS
	case p.Exit.TimeNS != 0:
		return p.Exit.TimeNS
	}
	return math.MaxInt64
}

// window sets the ends of the chart.
func (c *Chart) window(q Query) error {
	first, last := bounds(c.run)
	switch {
	case q.All || q.FromNS != 0 && q.ToNS != 0:
		c.FromNS, c.ToNS = first, last
	case len(q.Tasks) > 0 && q.At.Kind == tasklist.Whole:
		c.FromNS, c.ToNS = lives(q.Tasks, last)
	default:
		c.FromNS, c.ToNS = around(c.run, &c.Moment, first, last)
	}
	switch {
	case q.FromNS != 0 && q.ToNS == 0 && q.FromNS >= c.ToNS:
		c.ToNS = last
	case q.ToNS != 0 && q.FromNS == 0 && q.ToNS <= c.FromNS:
		c.FromNS = first
	}
	if q.FromNS != 0 {
		c.FromNS = q.FromNS
	}
	if q.ToNS != 0 {
		c.ToNS = q.ToNS
	}
	if c.ToNS > c.FromNS {
		return nil
	}
	if q.FromNS != 0 || q.ToNS != 0 {
		return ErrEmpty
	}
	c.ToNS = later(max(c.FromNS, 0), leastNS) // a damaged trace may tell of times before the run, or at the end of all time
	c.FromNS = c.ToNS - leastNS
	return nil
}

// bounds returns when the run began and ended.
func bounds(run *analyze.Run) (first, last int64) {
	first, last = math.MaxInt64, 1
	for _, p := range run.Processes {
		first, last = min(first, p.StartedNS), max(last, p.Exit.TimeNS)
	}
	for _, l := range run.Loops {
		last = max(last, l.LastNS)
	}
	if first > last {
		first = 0
	}
	return max(first, 0), max(last, later(first, leastNS))
}

// lives returns from when to when tasks lived, with a margin.
func lives(tasks []*analyze.Task, last int64) (from, to int64) {
	from, to = math.MaxInt64, 1
	for _, t := range tasks {
		from, to = min(from, t.SpawnedNS), max(to, min(endOf(t), last))
	}
	from = max(from, 0)
	margin := max((to-from)/30, leastNS/2)
	return max(from-margin, 0), later(max(to, from), margin)
}

// around picks a window in which the last doings of those that were live at the moment can be seen.
func around(run *analyze.Run, m *Moment, first, last int64) (from, to int64) {
	born := first
	for i, l := range run.Loops {
		switch of := m.Close; {
		case of != nil && of.Loop == l && l.OpenedNS > 0:
			born = l.OpenedNS
		case of == nil && i == 0:
			born = min(max(l.OpenedNS, first), m.TimeNS)
		}
	}
	life := max(m.TimeNS-born, leastNS)
	width := life
	if back := lookBack(run, m, life); back <= math.MaxInt64/periods && float64(max(periods*back, leastNS)) <= wholeShare*float64(life) {
		width = max(periods*back, leastNS)
	}
	to = later(m.TimeNS, width/afterShare)
	if last < later(m.TimeNS, width/3) {
		to = last
	}
	to = max(to, later(m.TimeNS, width/50+1)) // the moment is inside
	return max(m.TimeNS-width-width/50, 0), to
}

// later returns a time some ns after another one; a damaged trace has times at which there is no later one.
func later(ns, by int64) int64 {
	if ns > math.MaxInt64-by {
		return math.MaxInt64
	}
	return ns + by
}

// lookBack returns for how long most of the live tasks had taken no step at the moment, or their loop had been shutting
// down, and so much more that some steps can be seen.
func lookBack(run *analyze.Run, m *Moment, life int64) int64 {
	back := int64(0)
	if m.Close != nil && m.Close.Loop != nil {
		for _, s := range m.Close.Loop.Shutdowns {
			if s.BeginNS <= m.TimeNS {
				back = max(back, m.TimeNS-s.BeginNS)
			}
		}
	}
	quiet := make([]int64, 0, len(m.Live))
	seen, recent := lastSteps(run, m)
	for t := range m.Live {
		ns, ok := seen[t]
		if !ok {
			ns = max(t.SpawnedNS, t.FirstStepNS)
		}
		quiet = append(quiet, m.TimeNS-min(ns, m.TimeNS))
	}
	if len(quiet) > 0 {
		slices.Sort(quiet)
		back = max(back, quiet[(len(quiet)-1)*3/4])
	}
	switch {
	case len(recent) == stepsBefore:
		back = max(back, (m.TimeNS-recent[0])/periods)
	case len(quiet) == 0 && len(recent) > 0:
		back = max(back, m.TimeNS-recent[0])
	case len(recent) > 0:
		back = life // there are few steps: all can be seen
	}
	if back == 0 {
		back = life
	}
	return back
}

// lastSteps returns when each live task took its last step before the moment, and when the last few steps of all began.
func lastSteps(run *analyze.Run, m *Moment) (map[*analyze.Task]int64, []int64) {
	seen := make(map[*analyze.Task]int64, len(m.Live))
	if run.Timeline == nil {
		return seen, nil
	}
	var recent []int64
	steps := run.Timeline.Steps
	for i := len(steps) - 1; i >= 0 && (len(seen) < len(m.Live) || len(recent) < stepsBefore); i-- {
		s := &steps[i]
		if s.BeginNS > m.TimeNS {
			continue
		}
		if m.Close == nil || m.Close.Loop == nil || s.Loop == m.Close.Loop {
			if len(recent) < stepsBefore {
				recent = append(recent, s.BeginNS)
			}
		}
		if _, live := m.Live[s.Task]; live && s.Task != nil {
			if _, ok := seen[s.Task]; !ok {
				seen[s.Task] = s.BeginNS
			}
		}
	}
	slices.Reverse(recent)
	return seen, recent
}
