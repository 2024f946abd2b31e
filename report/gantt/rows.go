package gantt

import (
	"cmp"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

// leastLanes is how many loops are shown however few rows may be.
const leastLanes = 10

// alike is how many tasks of one site get a row of their own where not all can.
const alike = 5

// Build picks the window and the rows. The errors are ErrEmpty and tasklist.ErrNoClose.
func Build(res *analyze.Result, q Query) (*Chart, error) {
	m, err := moment(res, q.At)
	if err != nil {
		return nil, err
	}
	c := &Chart{Moment: m, run: res.Run}
	if err := c.window(q); err != nil {
		return nil, err
	}
	if tl := res.Run.Timeline; tl != nil {
		c.LostNS = tl.FromNS
	}
	c.fillLanes(q)
	for _, cl := range res.Run.Closes {
		if cl.Outcome != "noop" && c.inside(cl.TimeNS) && c.lane(cl.Loop) != nil {
			c.Closes = append(c.Closes, cl)
		}
	}
	return c, nil
}

func (c *Chart) inside(ns int64) bool { return ns >= c.FromNS && ns <= c.ToNS }

func (c *Chart) lane(l *analyze.Loop) *Lane {
	for _, lane := range c.Lanes {
		if lane.Loop == l {
			return lane
		}
	}
	return nil
}

// candidates are the tasks of one loop that are in the window: those live at the moment, and the others.
type candidates struct {
	lane         *Lane
	live, others []*analyze.Task
}

func (n *candidates) count() int { return len(n.live) + len(n.others) }

// fillLanes gives the loops of the window their lanes and rows.
func (c *Chart) fillLanes(q Query) {
	list := c.collect(q)
	limit := len(list)
	if q.MaxRows > 0 {
		limit = max(q.MaxRows, leastLanes)
	}
	if len(list) > limit {
		list = c.weightiest(list, limit)
	}
	total := 0
	for _, n := range list {
		total += n.count()
	}
	left := q.MaxRows
	if left == 0 || total <= left {
		left = total
	}
	shown := 0
	for i, n := range list {
		c.Lanes = append(c.Lanes, n.lane)
		share := left
		if total > left { // those with live tasks take what they need first
			share = max(left/(len(list)-i), min(len(n.live), left*3/4))
		}
		shown += c.fillLane(n, share)
		left = max(left-len(n.lane.Rows), 0)
		total -= n.count()
	}
	c.Hidden = c.Tasks - shown
}

// collect returns the loops of the window with their tasks, in the order of processes and loops.
func (c *Chart) collect(q Query) []*candidates {
	byLoop := map[*analyze.Loop]*candidates{}
	var list []*candidates
	get := func(l *analyze.Loop, p *analyze.Process) *candidates {
		n := byLoop[l]
		if n == nil {
			n = &candidates{lane: &Lane{Loop: l, Process: p}}
			byLoop[l] = n
			list = append(list, n)
		}
		return n
	}
	wanted := c.run.Tasks
	if q.Tasks != nil {
		wanted = q.Tasks
	} else {
		for _, l := range c.run.Loops {
			if from, to := lifeOf(l); from <= c.ToNS && to >= c.FromNS {
				get(l, l.Process)
			}
		}
	}
	for _, t := range wanted {
		_, live := c.Moment.Live[t]
		if (t.SpawnedNS > c.ToNS || endOf(t) < c.FromNS) && !(live && c.inside(c.Moment.TimeNS)) {
			continue
		}
		if t.Known != "" && q.Tasks == nil {
			c.Known++
			continue
		}
		c.Tasks++
		n := get(t.Loop, t.Process)
		if live {
			n.live = append(n.live, t)
		} else {
			n.others = append(n.others, t)
		}
	}
	slices.SortStableFunc(list, func(a, b *candidates) int {
		return cmp.Or(cmp.Compare(processID(a.lane), processID(b.lane)), cmp.Compare(loopID(a.lane), loopID(b.lane)))
	})
	return list
}

// weightiest keeps the loop of the moment and those with most live tasks.
func (c *Chart) weightiest(list []*candidates, limit int) []*candidates {
	weight := func(n *candidates) int {
		if m := c.Moment.Close; m != nil && m.Loop == n.lane.Loop {
			return int(^uint(0) >> 1)
		}
		return len(n.live)<<20 + min(len(n.others), 1<<20-1)
	}
	ranked := slices.Clone(list)
	slices.SortStableFunc(ranked, func(a, b *candidates) int { return cmp.Compare(weight(b), weight(a)) })
	kept := map[*candidates]bool{}
	for _, n := range ranked[:limit] {
		kept[n] = true
	}
	c.HiddenLoops = len(list) - limit
	return slices.DeleteFunc(list, func(n *candidates) bool { return !kept[n] })
}

func processID(l *Lane) int {
	if l.Process == nil {
		return 0
	}
	return l.Process.ID
}

func loopID(l *Lane) int {
	if l.Loop == nil {
		return int(^uint(0) >> 1)
	}
	return l.Loop.ID
}

func lifeOf(l *analyze.Loop) (from, to int64) {
	from, to = l.OpenedNS, processEnd(l.Process)
	if l.ClosedBy != nil {
		to = l.ClosedBy.TimeNS
	}
	return from, to
}

// fillLane gives a lane at most so many rows, and returns how many tasks they stand for.
func (c *Chart) fillLane(n *candidates, rows int) int {
	forLive := rows
	if len(n.others) > 0 && n.count() > rows {
		forLive = max(rows-max(rows/4, 1), min(len(n.live), 1))
	}
	shown := c.addRows(n.lane, n.live, forLive, true)
	return shown + c.addRows(n.lane, n.others, rows-len(n.lane.Rows), false)
}

// addRows adds rows for tasks: one each if there is room, else some of each site, and one for its others.
func (c *Chart) addRows(lane *Lane, tasks []*analyze.Task, rows int, live bool) int {
	groups := bySite(tasks)
	if len(tasks) <= rows {
		groups = nil
		for _, t := range tasks {
			groups = append(groups, []*analyze.Task{t})
		}
	}
	quotas := shares(groups, rows)
	shown := 0
	for i, g := range groups {
		quota := quotas[i]
		if quota == 0 {
			continue
		}
		single := len(g)
		if single > quota {
			single = min(quota-1, alike)
		}
		for _, t := range g[:single] {
			c.addRow(lane, live, t)
		}
		if rest := g[single:]; len(rest) > 0 {
			c.addRow(lane, live, rest...).Rest = single > 0
		}
		shown += len(g)
	}
	return shown
}

func (c *Chart) addRow(lane *Lane, live bool, tasks ...*analyze.Task) *Row {
	row := &Row{Task: tasks[0], Count: len(tasks), Live: live}
	lane.Rows = append(lane.Rows, row)
	c.rows = append(c.rows, row)
	for _, t := range tasks {
		if t.ID >= len(c.index) {
			c.index = slices.Grow(c.index, t.ID+1-len(c.index))[:t.ID+1]
		}
		c.index[t.ID] = int32(len(c.rows))
	}
	return row
}

// place is what the tasks that share a row have in common; who called whom on the way there may differ.
type place struct {
	coro, via, file string
	line            int
}

func placeOf(s *analyze.Site) place {
	switch {
	case s == nil:
		return place{}
	case s.At == nil:
		return place{coro: s.Coro, via: s.Via}
	}
	return place{s.Coro, s.Via, s.At.File, s.At.Line}
}

// bySite groups tasks by where they come from, in the order of the first of each.
func bySite(tasks []*analyze.Task) [][]*analyze.Task {
	index := map[place]int{}
	var groups [][]*analyze.Task
	for _, t := range tasks {
		at := placeOf(t.Site)
		i, ok := index[at]
		if !ok {
			i = len(groups)
			index[at] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], t)
	}
	return groups
}

// shares divides rows among groups: the small ones get what they need, the large ones what is left.
func shares(groups [][]*analyze.Task, rows int) []int {
	quotas := make([]int, len(groups))
	order := make([]int, len(groups))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(groups[a]), len(groups[b])) })
	if len(groups) > rows { // not even one each: the large ones stand for most tasks
		slices.Reverse(order)
	}
	left := rows
	for n, i := range order {
		if left <= 0 {
			break
		}
		quotas[i] = min(len(groups[i]), max(left/(len(order)-n), 1))
		left -= quotas[i]
	}
	return quotas
}
