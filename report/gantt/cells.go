package gantt

import (
	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// Fill divides the window into n cells and says what went on in each.
func (c *Chart) Fill(n int) {
	c.Cells = max(n, 1)
	for _, lane := range c.Lanes {
		lane.Cells = make([]Cell, c.Cells)
		c.fillLoop(lane)
	}
	for _, r := range c.rows {
		r.Cells = make([]Cell, c.Cells)
	}
	for _, t := range c.run.Tasks {
		if r := c.row(t); r != nil {
			c.fillTask(r, t)
		}
	}
	c.steps()
	for _, cl := range c.Closes {
		lane := c.lane(cl.Loop)
		mark(lane.Cells, c.Column(cl.TimeNS), Closed)
		for _, r := range lane.Rows {
			mark(r.Cells, c.Column(cl.TimeNS), Closed)
		}
	}
	c.clip()
}

func (c *Chart) row(t *analyze.Task) *Row {
	if t == nil || t.ID >= len(c.index) || c.index[t.ID] == 0 {
		return nil
	}
	return c.rows[c.index[t.ID]-1]
}

// Column returns the cell that a moment falls into; it may be outside of the chart.
func (c *Chart) Column(ns int64) int {
	x := (float64(ns) - float64(c.FromNS)) / (float64(c.ToNS) - float64(c.FromNS)) * float64(c.Cells)
	switch {
	case x < 0:
		return -1
	case x > float64(c.Cells):
		return c.Cells
	}
	return min(int(x), c.Cells-1)
}

// CellNS returns how much time a cell stands for.
func (c *Chart) CellNS() float64 {
	return (float64(c.ToNS) - float64(c.FromNS)) / float64(max(c.Cells, 1))
}

func mark(cells []Cell, at int, m Mark) {
	if at >= 0 && at < len(cells) && cells[at].Mark < m {
		cells[at].Mark = m
	}
}

// span gives the cells between two moments a state.
func (c *Chart) span(cells []Cell, from, to int64, s State) {
	if to < c.FromNS || from > c.ToNS || to < from {
		return
	}
	for i := max(c.Column(from), 0); i <= min(c.Column(to), c.Cells-1); i++ {
		cells[i].State = max(cells[i].State, s)
	}
}

// busy adds the time of a step.
func (c *Chart) busy(cells []Cell, from, to int64) {
	if to < c.FromNS || from > c.ToNS || to < from {
		return
	}
	width := c.CellNS()
	for i := max(c.Column(from), 0); i <= min(c.Column(to), c.Cells-1); i++ {
		begin := float64(c.FromNS) + float64(i)*width
		share := (min(float64(to), begin+width) - max(float64(from), begin)) / width
		cells[i].Busy += float32(max(share, 1e-9)) // a step that takes no time is a step
	}
}

// clip bounds shares, which of several tasks and nested steps may add up to more than all.
func (c *Chart) clip() {
	clip := func(cells []Cell) {
		for i := range cells {
			cells[i].Busy = min(cells[i].Busy, 1)
		}
	}
	for _, lane := range c.Lanes {
		clip(lane.Cells)
	}
	for _, r := range c.rows {
		clip(r.Cells)
	}
}

func (c *Chart) fillLoop(lane *Lane) {
	if lane.Loop == nil {
		return
	}
	until := processEnd(lane.Process)
	if lane.Loop.Foreign() {
		from, to := lifeOf(lane.Loop)
		c.span(lane.Cells, from, to, Unknown)
	}
	for _, r := range lane.Loop.Runs {
		c.span(lane.Cells, r.BeginNS, orUntil(r.EndNS, until), Waiting)
	}
	for _, s := range lane.Loop.Shutdowns {
		c.span(lane.Cells, s.BeginNS, orUntil(s.EndNS, until), Shutdown)
	}
}

func orUntil(ns, until int64) int64 {
	if ns == 0 {
		return until
	}
	return ns
}

func (c *Chart) fillTask(r *Row, t *analyze.Task) {
	until := endOf(t)
	switch {
	case t.Steps == 0 && t.Loop != nil && t.Loop.Foreign():
		c.span(r.Cells, t.SpawnedNS, until, Unknown)
	case t.Process.Go() && (!t.BirthSeen || t.Steps > 0 && t.FirstStepNS == 0 || wording.Scheduler(t.Loop) && !t.Goroutine()):
		c.span(r.Cells, t.SpawnedNS, until, Waiting) // before its first step, too: it is older than the trace, or a user task
	case t.FirstStepNS == 0:
		c.span(r.Cells, t.SpawnedNS, until, NotStarted)
	default:
		c.span(r.Cells, t.SpawnedNS, t.FirstStepNS, NotStarted)
		c.span(r.Cells, t.FirstStepNS, until, Waiting)
	}
	if r.Count > 1 {
		return // the ends of several would hide what they do
	}
	if t.BirthSeen {
		mark(r.Cells, c.Column(t.SpawnedNS), Spawned)
	}
	for i := range t.Cancels {
		mark(r.Cells, c.Column(t.Cancels[i].TimeNS), Cancel)
	}
	if t.EndedNS != 0 {
		mark(r.Cells, c.Column(t.EndedNS), outcome(t))
	}
}

func outcome(t *analyze.Task) Mark {
	switch t.Outcome {
	case "raised":
		return Raised
	case "cancelled":
		return Cancelled
	}
	return Returned
}

// steps adds the steps to the rows of their tasks and loops.
func (c *Chart) steps() {
	if c.run.Timeline == nil {
		return
	}
	lanes := map[*analyze.Loop]*Lane{}
	for _, lane := range c.Lanes {
		lanes[lane.Loop] = lane
	}
	for i := range c.run.Timeline.Steps {
		s := &c.run.Timeline.Steps[i]
		if s.BeginNS > c.ToNS {
			return
		}
		to := s.EndNS
		if to == 0 {
			to = c.openEnd(s)
		}
		if to < c.FromNS {
			continue
		}
		if lane := lanes[s.Loop]; lane != nil && s.Loop != nil {
			c.busy(lane.Cells, s.BeginNS, to)
		}
		if r := c.row(s.Task); r != nil {
			c.busy(r.Cells, s.BeginNS, to)
		}
	}
}

// openEnd returns until when a step that never ended went on.
func (c *Chart) openEnd(s *analyze.Step) int64 {
	switch {
	case s.Task != nil:
		return processEnd(s.Task.Process)
	case s.Loop != nil:
		return processEnd(s.Loop.Process)
	}
	return c.ToNS
}
