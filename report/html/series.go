package html

import (
	"cmp"
	"slices"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

func (e *encoder) stepColumns() {
	steps := e.timeline.Steps
	begin := func(s *analyze.Step) uint32 { return e.tick(s.BeginNS) }
	long := func(s *analyze.Step) uint32 {
		if s.EndNS == 0 {
			return never
		}
		return e.tick(s.EndNS) - e.tick(s.BeginNS)
	}
	each := func(name, kind string, order []uint32, value func(s *analyze.Step) uint32) {
		e.cols.add(name, kind, len(order), func(i int) uint32 { return value(&steps[order[i]]) })
	}
	each("step.begin", "u32", e.stepOrder, begin)
	each("step.dur", "u32", e.stepOrder, long)
	each("cb.begin", "u32", e.callbacks, begin)
	each("cb.dur", "u32", e.callbacks, long)
	each("cb.loop", "u16", e.callbacks, func(s *analyze.Step) uint32 { return uint32(e.loop(s.Loop)) })
}

// waitLabel returns the number of "sleep at app.py:10 in poll".
func (e *encoder) waitLabel(on string, at *analyze.Frame) uint32 {
	label := e.b.Name(on)
	if on == "none" || on == "" {
		label = "suspended"
	}
	if at != nil {
		label += " at " + e.b.Place(at)
	}
	return e.waits.add(label)
}

func (e *encoder) sightColumns() {
	type spot struct {
		on string
		at *analyze.Frame
	}
	met := map[spot]uint32{} // frames are shared by all sightings of a chain
	list := e.timeline.Sightings
	waits := make([]uint32, len(e.sightOrder))
	for i, n := range e.sightOrder {
		s := &list[n]
		key := spot{s.On, s.At}
		label, ok := met[key]
		if !ok {
			e.b.About(e.run, s.Task.Process)
			label = e.waitLabel(s.On, s.At)
			met[key] = label
		}
		waits[i] = label
	}
	n := len(e.sightOrder)
	e.cols.add("sight.time", "u32", n, func(i int) uint32 { return e.tick(list[e.sightOrder[i]].TimeNS) })
	e.cols.add("sight.task", "u32", n, func(i int) uint32 { return e.index[list[e.sightOrder[i]].Task] })
	e.cols.add("sight.wait", "u32", n, func(i int) uint32 { return waits[i] })
}

func (e *encoder) wakeColumns() {
	list, n := e.timeline.Wakes, len(e.wakeOrder)
	e.cols.add("wake.time", "u32", n, func(i int) uint32 { return e.tick(list[e.wakeOrder[i]].TimeNS) })
	e.cols.add("wake.task", "u32", n, func(i int) uint32 { return e.index[list[e.wakeOrder[i]].Task] })
	e.cols.add("wake.by", "u32", n, func(i int) uint32 { return e.plusOne(list[e.wakeOrder[i]].By) })
}

func (e *encoder) cancelColumns() {
	type row struct{ time, task, by, place uint32 }
	rows := []row{}
	for i, t := range e.tasks {
		if len(t.Cancels) > 0 {
			e.b.About(e.run, t.Process)
		}
		for _, c := range t.Cancels {
			r := row{time: e.tick(c.TimeNS), task: uint32(i), by: e.plusOne(c.By)}
			if c.At != nil {
				r.place = e.places.add(e.b.Place(c.At)) + 1
			}
			rows = append(rows, r)
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.task, b.task), cmp.Compare(a.time, b.time)) })
	e.cols.add("cancel.time", "u32", len(rows), func(i int) uint32 { return rows[i].time })
	e.cols.add("cancel.task", "u32", len(rows), func(i int) uint32 { return rows[i].task })
	e.cols.add("cancel.by", "u32", len(rows), func(i int) uint32 { return rows[i].by })
	e.cols.add("cancel.place", "u32", len(rows), func(i int) uint32 { return rows[i].place })
}

// liveColumns say what each task that a marker found live was doing.
func (e *encoder) liveColumns() {
	type row struct{ marker, task, wait uint32 }
	rows := []row{}
	for i := range e.b.m.Markers {
		m := &e.b.m.Markers[i]
		if m.Process < len(e.run.Processes) {
			e.b.About(e.run, e.run.Processes[m.Process])
		}
		for _, l := range m.live {
			if n, ok := e.index[l.Task]; ok {
				rows = append(rows, row{uint32(i), n, e.liveLabel(l) + 1})
			}
		}
	}
	e.cols.add("live.marker", "u32", len(rows), func(i int) uint32 { return rows[i].marker })
	e.cols.add("live.task", "u32", len(rows), func(i int) uint32 { return rows[i].task })
	e.cols.add("live.wait", "u32", len(rows), func(i int) uint32 { return rows[i].wait })
}

// liveLabel returns the number of what a live task did, in the words of the findings.
func (e *encoder) liveLabel(l *analyze.Live) uint32 {
	text := e.b.WaitText(l, wording.Moment{})
	if l.State == "suspended" {
		text = "waiting " + text
	}
	return e.waits.add(text)
}
