package analyze

import (
	"slices"
)

// TimelineOptions bound a Timeline.
type TimelineOptions struct {
	// MaxSteps is how many steps are kept: the last ones of the run. 0 stands for 1 000 000. As many tasks, wake-ups and
	// sightings are kept at most.
	MaxSteps int
}

const defaultMaxSteps = 1_000_000

// Timeline is what ran when. Where a run has more than TimelineOptions.MaxSteps of something, its last ones are there.
type Timeline struct {
	Steps     []Step     // by BeginNS
	Wakes     []Wake     // by TimeNS; none where the recorder was not told to record them
	Sightings []Sighting // by TimeNS
	Dropped   int        // steps that are not in Steps
	FromNS    int64      // of the processes that have lost steps, those before it are missing; 0: nothing is
}

// Step is one step of a task, or one callback of a loop that is none.
type Step struct {
	BeginNS, EndNS int64 // EndNS 0: it had not ended when the events stop
	Task           *Task // nil: a callback that is no step
	Loop           *Loop // nil where it was not observed
	Lane           int32 // of a Go program, whose steps overlap: those of one lane do not. In an execution trace the number of the P plus 1; 0: Python
}

// Wake is a task that was made ready to go on.
type Wake struct {
	TimeNS int64
	Task   *Task
	By     *Task // in whose step that happened; nil: in a callback, such as one of a timer or socket
	// Forgotten: it was in the step of a task that is not in Run.Tasks.
	Forgotten bool
	Cancelled bool // of Task.LastWake: it was by a cancel
}

// Sighting is where a suspended task stood when the recorder looked.
type Sighting struct {
	TimeNS int64
	Task   *Task
	At     *Frame // innermost frame of the program; nil if the chain has none
	On     string // as On.Kind
}

// timeline collects a Timeline. Tasks are named by id as long as they may still be forgotten.
type timeline struct {
	max       int
	steps     window[Step]
	wakes     window[Wake]
	sightings window[Sighting]
	recent    ring
}

func newTimeline(o *TimelineOptions) *timeline {
	tl := &timeline{max: o.MaxSteps}
	if tl.max <= 0 {
		tl.max = defaultMaxSteps
	}
	tl.steps = window[Step]{max: tl.max, at: func(s *Step) int64 { return s.BeginNS }}
	tl.wakes = window[Wake]{max: tl.max, at: func(w *Wake) int64 { return w.TimeNS }}
	tl.sightings = window[Sighting]{max: tl.max, at: func(s *Sighting) int64 { return s.TimeNS }}
	tl.recent.max = tl.max
	return tl
}

// stepped takes in a step of t, or of no task, that began on a thread and ended at a time as recorded; end 0: it did not.
func (p *proc) stepped(th *thread, t *task, l *loop, end int64) {
	b := p.b
	if b.timeline == nil {
		return
	}
	s := Step{BeginNS: b.rel(th.beganN), Loop: l.facts()}
	if p.pub.Go() {
		s.Lane = int32(th.lane)
		if th.lane == 0 {
			s.Lane = int32(th.id)
		}
	}
	if end != 0 {
		s.EndNS = max(b.rel(end), s.BeginNS)
	}
	ids := [2]int{}
	if t != nil {
		ids[0] = t.id
		s.Loop = t.loop.facts()
	}
	b.timeline.steps.add(s, ids)
}

// woken takes in that t was made ready in a step of by.
func (b *builder) woken(t, by *task, now int64) {
	if b.timeline == nil {
		return
	}
	ids := [2]int{t.id}
	if by != nil {
		ids[1] = by.id
	}
	b.timeline.wakes.add(Wake{TimeNS: b.rel(now), Forgotten: by != nil}, ids)
}

// sighted takes in where a suspended task stands. One that has not started stands nowhere.
func (b *builder) sighted(t *task, c *chain, now int64) {
	if b.timeline != nil && c.state != "not-started" {
		b.timeline.sightings.add(Sighting{TimeNS: b.rel(now), At: c.at, On: c.kind}, [2]int{t.id})
	}
}

// settle returns the timeline with the run's tasks, which are sorted by id.
func (tl *timeline) settle(tasks []*Task) *Timeline {
	byID := make([]*Task, 1)
	if n := len(tasks); n > 0 {
		byID = make([]*Task, tasks[n-1].ID+1)
	}
	for _, t := range tasks {
		byID[t.ID] = t
	}
	find := func(id int) *Task {
		if id < len(byID) {
			return byID[id]
		}
		return nil
	}
	tl.steps.settle(func(s *Step, ids [2]int) bool { s.Task = find(ids[0]); return ids[0] == 0 || s.Task != nil })
	tl.wakes.settle(func(w *Wake, ids [2]int) bool {
		w.Task, w.By = find(ids[0]), find(ids[1])
		w.Forgotten = w.Forgotten && w.By == nil
		return w.Task != nil
	})
	tl.sightings.settle(func(s *Sighting, ids [2]int) bool { s.Task = find(ids[0]); return s.Task != nil })
	return &Timeline{
		Steps: tl.steps.list, Wakes: tl.wakes.list, Sightings: tl.sightings.list, Dropped: tl.steps.dropped, FromNS: tl.steps.fromNS,
	}
}

// window keeps the last max elements by time, and up to twice as many while it is filled. The ids are of tasks, and get
// resolved in the end.
type window[T any] struct {
	max     int
	at      func(*T) int64
	list    []T
	ids     [][2]int32
	dropped int
	fromNS  int64
}

func (w *window[T]) add(v T, ids [2]int) {
	if len(w.list) >= 2*w.max {
		w.cut()
	}
	w.list = append(w.list, v)
	w.ids = append(w.ids, [2]int32{int32(ids[0]), int32(ids[1])})
}

// cut drops all but the last max elements. Processes come one after the other, so the oldest are not simply the first.
func (w *window[T]) cut() {
	if len(w.list) <= w.max {
		return
	}
	times := make([]int64, len(w.list))
	for i := range w.list {
		times[i] = w.at(&w.list[i])
	}
	slices.Sort(times)
	w.fromNS = max(w.fromNS, times[len(times)-w.max])
	n := 0
	for i := range w.list {
		if w.at(&w.list[i]) >= w.fromNS {
			w.list[n], w.ids[n] = w.list[i], w.ids[i]
			n++
		}
	}
	w.dropped += len(w.list) - n
	clear(w.list[n:])
	w.list, w.ids = w.list[:n], w.ids[:n]
}

// settle resolves the ids, drops what resolve refuses, and sorts.
func (w *window[T]) settle(resolve func(*T, [2]int) bool) {
	w.cut()
	n := 0
	for i := range w.list {
		if resolve(&w.list[i], [2]int{int(w.ids[i][0]), int(w.ids[i][1])}) {
			w.list[n] = w.list[i]
			n++
		}
	}
	w.dropped += len(w.list) - n
	clear(w.list[n:])
	w.list, w.ids = w.list[:n], nil
	slices.SortStableFunc(w.list, func(a, b T) int {
		switch x, y := w.at(&a), w.at(&b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
}

// ring holds the tasks that ended last.
type ring struct {
	max  int
	list []*task
	next int
}

// push adds a task and returns the one that has to go for it, nil if there is room.
func (r *ring) push(t *task) *task {
	if len(r.list) < r.max {
		r.list = append(r.list, t)
		return nil
	}
	old := r.list[r.next]
	r.list[r.next] = t
	r.next = (r.next + 1) % r.max
	return old
}
