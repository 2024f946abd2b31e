package html

import (
	"cmp"
	"math"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

// table puts the tasks of a run into the order that the timeline draws them in, and numbers what they refer to.
type table struct {
	run        *analyze.Run
	endNS      int64 // of all that the page shows
	tickNS     int64 // unit of the times in columns
	tasks      []*analyze.Task
	rows       []uint32                 // lane of each inside its loop
	index      map[*analyze.Task]uint32 // in tasks
	loops      map[*analyze.Loop]int    // in Run.Loops; its length stands for tasks of an unknown loop
	lanes      []int                    // rows of each loop, the unknown one last
	processes  map[*analyze.Process]int
	orphans    bool // there are tasks of an unknown loop
	stepOrder  []uint32
	stepStart  []uint32 // offsets into stepOrder by task, and the total
	callbacks  []uint32 // steps that are none of a task
	lostSteps  int      // of tasks that are not in the table, known goroutines aside
	known      int      // goroutines that are not in it: see analyze.Task.Known
	timeline   *analyze.Timeline
	sightOrder []uint32
	wakeOrder  []uint32
}

// most bounds an index that has 16 bits; what is beyond shares the last one.
const most = math.MaxUint16

func newTable(res *analyze.Result) *table {
	run := res.Run
	tasks, known := choose(res)
	t := &table{
		known: known, run: run, timeline: run.Timeline, index: make(map[*analyze.Task]uint32, len(tasks)),
		loops: map[*analyze.Loop]int{}, processes: map[*analyze.Process]int{},
	}
	if t.timeline == nil {
		t.timeline = &analyze.Timeline{}
	}
	for i, l := range run.Loops {
		t.loops[l] = min(i, most-1)
	}
	for i, p := range run.Processes {
		t.processes[p] = min(i, most-1)
	}
	t.arrange(tasks)
	t.measure()
	t.sortSteps()
	t.sightOrder = t.byTask(len(t.timeline.Sightings), func(i int) *analyze.Task { return t.timeline.Sightings[i].Task })
	t.wakeOrder = t.byTask(len(t.timeline.Wakes), func(i int) *analyze.Task { return t.timeline.Wakes[i].Task })
	return t
}

// loop returns the index of a task's loop.
func (t *table) loop(l *analyze.Loop) int {
	if i, ok := t.loops[l]; ok && l != nil {
		return i
	}
	return min(len(t.run.Loops), most)
}

func (t *table) process(p *analyze.Process) int { return t.processes[p] }

// placed is a task and where it is drawn.
type placed struct {
	task *analyze.Task
	loop int
	row  uint32 // lane inside the loop
}

// arrange packs the lanes and sorts the tasks by loop, lane and birth.
func (t *table) arrange(tasks []*analyze.Task) {
	list := make([]placed, len(tasks))
	for i, x := range tasks {
		list[i] = placed{task: x, loop: t.loop(x.Loop)}
	}
	slices.SortFunc(list, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.loop, b.loop), cmp.Compare(a.task.SpawnedNS, b.task.SpawnedNS), cmp.Compare(a.task.ID, b.task.ID))
	})
	t.lanes = make([]int, min(len(t.run.Loops), most)+1)
	for from := 0; from < len(list); {
		loop, to := list[from].loop, from+1
		for to < len(list) && list[to].loop == loop {
			to++
		}
		t.lanes[loop] = packLanes(list[from:to])
		from = to
	}
	t.orphans = t.lanes[len(t.lanes)-1] > 0
	slices.SortStableFunc(list, func(a, b placed) int { return cmp.Or(cmp.Compare(a.loop, b.loop), cmp.Compare(a.row, b.row)) })
	t.tasks, t.rows = make([]*analyze.Task, len(list)), make([]uint32, len(list))
	for i := range list {
		t.tasks[i], t.rows[i] = list[i].task, list[i].row
		t.index[list[i].task] = uint32(i)
	}
}

// measure finds the end of the run and the unit in which all its times fit.
func (t *table) measure() {
	end := t.run.Info.DurationNS
	later := func(ns int64) { end = max(end, ns) }
	for _, x := range t.tasks {
		later(x.SpawnedNS)
		later(x.EndedNS)
	}
	for i := range t.timeline.Steps {
		later(max(t.timeline.Steps[i].BeginNS, t.timeline.Steps[i].EndNS))
	}
	for _, c := range t.run.Closes {
		later(c.TimeNS)
	}
	for _, p := range t.run.Processes {
		later(p.Exit.TimeNS)
	}
	for _, l := range t.run.Loops {
		later(max(l.OpenedNS, l.LastNS))
		for _, r := range l.Runs {
			later(max(r.BeginNS, r.EndNS))
		}
		for _, s := range l.Shutdowns {
			later(max(s.BeginNS, s.EndNS))
		}
	}
	const ticks = math.MaxUint32 - 1
	t.endNS = end
	t.tickNS = max(1, end/ticks)
	for end/t.tickNS > ticks {
		t.tickNS++
	}
}

// tick returns a time in the unit of the columns; the beginning of the run for one before it.
func (t *table) tick(ns int64) uint32 { return uint32(min(max(ns, 0), t.endNS) / t.tickNS) }

// moment is tick for a time where 0 stands for never.
func (t *table) moment(ns int64) uint32 {
	if ns == 0 {
		return never
	}
	return t.tick(ns)
}

// sortSteps groups the steps by task; within one they stay in the order of time.
func (t *table) sortSteps() {
	steps := t.timeline.Steps
	t.stepStart = make([]uint32, len(t.tasks)+1)
	of := func(i int) (uint32, bool) {
		n, ok := t.index[steps[i].Task]
		return n, ok
	}
	for i := range steps {
		switch n, ok := of(i); {
		case ok:
			t.stepStart[n+1]++
		case steps[i].Task == nil:
			t.callbacks = append(t.callbacks, uint32(i))
		case steps[i].Task.Known != "":
		default:
			t.lostSteps++
		}
	}
	for i := range t.tasks {
		t.stepStart[i+1] += t.stepStart[i]
	}
	t.stepOrder = make([]uint32, t.stepStart[len(t.tasks)])
	next := slices.Clone(t.stepStart)
	for i := range steps {
		if n, ok := of(i); ok {
			t.stepOrder[next[n]] = uint32(i)
			next[n]++
		}
	}
}

// byTask returns the numbers of things, which come in the order of time, by task and then time; those of tasks that are
// not in the table are left out.
func (t *table) byTask(n int, task func(i int) *analyze.Task) []uint32 {
	out := make([]uint32, 0, n)
	for i := range n {
		if _, ok := t.index[task(i)]; ok {
			out = append(out, uint32(i))
		}
	}
	slices.SortStableFunc(out, func(a, b uint32) int { return cmp.Compare(t.index[task(int(a))], t.index[task(int(b))]) })
	return out
}

// tasksShown bounds the tasks of the timeline.
const tasksShown = 200_000

// choose returns the tasks that the timeline shows, by ID: all but known goroutines that no finding accuses; of too many those
// that a finding accuses, those that never ended, and of the others the last. known is how many known goroutines it left out.
func choose(res *analyze.Result) (tasks []*analyze.Task, known int) {
	accused := map[*analyze.Task]bool{}
	for i := range res.Findings {
		for _, t := range res.Findings[i].Tasks {
			accused[t] = true
		}
	}
	tasks = make([]*analyze.Task, 0, len(res.Run.Tasks))
	for _, t := range res.Run.Tasks {
		if t.Known == "" || accused[t] {
			tasks = append(tasks, t)
		}
	}
	known = len(res.Run.Tasks) - len(tasks)
	if len(tasks) <= tasksShown {
		return tasks, known
	}
	rank := func(t *analyze.Task) int {
		switch {
		case accused[t]:
			return 0
		case t.EndedNS == 0:
			return 1
		}
		return 2
	}
	slices.SortFunc(tasks, func(a, b *analyze.Task) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(b.EndedNS, a.EndedNS), cmp.Compare(a.ID, b.ID))
	})
	tasks = tasks[:tasksShown]
	slices.SortFunc(tasks, func(a, b *analyze.Task) int { return cmp.Compare(a.ID, b.ID) })
	return tasks, known
}
