package html

import (
	"github.com/looptrace/looptrace/analyze"
)

// Bits of task.flags.
const (
	flagLiveAtClose = 1 << iota
	flagLiveAtExit
	flagAccused
	flagLeftOver // live when the runner cancelled what was left
	flagUnborn   // its birth was not seen
	flagEager    // its first step was a part of the step that spawned it
)

// encoder lays a table out in columns. What the columns refer to is collected in lists of unique strings on the way.
type encoder struct {
	*table
	b                    *metaBuilder
	cols                 columns
	names, waits, places *intern
	flags                []uint8
}

// encode returns the data of the timeline: what is said in words, and the columns.
func encode(res *analyze.Result) (*meta, *columns) {
	t := newTable(res)
	m := newMeta(t, res)
	e := &encoder{table: t, b: &metaBuilder{table: t, res: res, m: m}, names: newIntern(), waits: newIntern(), places: newIntern()}
	e.markFlags(res, m)
	e.taskColumns(e.siteNumbers(), e.testNumbers())
	e.stepColumns()
	e.sightColumns()
	e.wakeColumns()
	e.cancelColumns()
	e.liveColumns()
	m.Names, m.Waits, m.Places, m.Columns = e.names.list, e.waits.list, e.places.list, e.cols.list
	m.tasks, m.steps, m.namesLeft, m.known = len(e.tasks), len(e.stepOrder), e.names.full, e.known
	return m, &e.cols
}

func (e *encoder) markFlags(res *analyze.Result, m *meta) {
	e.flags = make([]uint8, len(e.tasks))
	set := func(tasks []uint32, bit uint8) {
		for _, i := range tasks {
			e.flags[i] |= bit
		}
	}
	bits := map[string]uint8{"close": flagLiveAtClose, "refused": flagLiveAtClose, "exit": flagLiveAtExit, "shutdown": flagLeftOver}
	for i := range m.Markers {
		set(m.Markers[i].Live, bits[m.Markers[i].Kind])
	}
	for i := range res.Findings {
		set(e.b.tasksOf(res.Findings[i].Tasks), flagAccused)
	}
	for i, t := range e.tasks {
		if !t.BirthSeen {
			e.flags[i] |= flagUnborn
		}
		if t.Eager {
			e.flags[i] |= flagEager
		}
	}
}

// siteNumbers lists the spawn sites of the tasks and returns the number of each.
func (e *encoder) siteNumbers() map[*analyze.Site]uint32 {
	numbers := map[*analyze.Site]uint32{}
	e.b.m.Sites = []metaSite{}
	for _, t := range e.tasks {
		if _, ok := numbers[t.Site]; ok {
			continue
		}
		numbers[t.Site] = uint32(len(e.b.m.Sites))
		e.b.About(e.run, t.Process)
		site := metaSite{}
		if s := t.Site; s != nil {
			site.Coro, site.Via = bounded(s.Coro), bounded(s.Via)
			if s.At != nil {
				site.Place, site.Text = e.b.Place(s.At), bounded(s.At.Text)
			}
		}
		e.b.m.Sites = append(e.b.m.Sites, site)
	}
	return numbers
}

func (e *encoder) testNumbers() map[*analyze.Test]uint32 {
	numbers := map[*analyze.Test]uint32{}
	for i, t := range e.run.Tests {
		numbers[t] = uint32(i + 1)
	}
	return numbers
}

func (e *encoder) taskColumns(sites map[*analyze.Site]uint32, tests map[*analyze.Test]uint32) {
	each := func(name, kind string, value func(t *analyze.Task) uint32) {
		e.cols.add(name, kind, len(e.tasks), func(i int) uint32 { return value(e.tasks[i]) })
	}
	names, excs := make([]uint32, len(e.tasks)), make([]uint32, len(e.tasks))
	for i, t := range e.tasks {
		if t.Exception != nil {
			excs[i] = e.names.add(t.Exception.Type) + 1
		}
	}
	for _, telling := range []bool{true, false} { // there may not be room for all names
		for i, t := range e.tasks {
			if (e.flags[i]&^(flagUnborn|flagEager) != 0) == telling {
				names[i] = e.names.add(t.Name)
			}
		}
	}
	listed := func(name string, list []uint32) {
		e.cols.add(name, "u32", len(list), func(i int) uint32 { return list[i] })
	}
	each("task.id", "u32", func(t *analyze.Task) uint32 { return uint32(t.ID) })
	each("task.loop", "u16", func(t *analyze.Task) uint32 { return uint32(e.loop(t.Loop)) })
	each("task.process", "u16", func(t *analyze.Task) uint32 { return uint32(e.process(t.Process)) })
	each("task.site", "u32", func(t *analyze.Task) uint32 { return sites[t.Site] })
	listed("task.name", names)
	each("task.parent", "u32", e.number)
	each("task.spawned", "u32", func(t *analyze.Task) uint32 { return e.tick(t.SpawnedNS) })
	each("task.first", "u32", func(t *analyze.Task) uint32 { return e.moment(t.FirstStepNS) })
	each("task.ended", "u32", func(t *analyze.Task) uint32 { return e.moment(t.EndedNS) })
	each("task.outcome", "u8", outcomeNumber)
	e.cols.add("task.flags", "u8", len(e.tasks), func(i int) uint32 { return uint32(e.flags[i]) })
	each("task.steps", "u32", func(t *analyze.Task) uint32 { return uint32(t.Steps) })
	e.cols.addFloats("task.busy", len(e.tasks), func(i int) float64 { return float64(e.tasks[i].BusyNS) })
	listed("task.lane", e.rows)
	listed("task.exc", excs)
	each("task.test", "u32", func(t *analyze.Task) uint32 { return tests[t.Test] })
	listed("task.step0", e.stepStart)
}

// number returns the index of a task's parent plus one, 0 for none.
func (e *encoder) number(t *analyze.Task) uint32 { return e.plusOne(t.Parent) }

func (e *encoder) plusOne(t *analyze.Task) uint32 {
	if i, ok := e.index[t]; ok && t != nil {
		return i + 1
	}
	return 0
}

func outcomeNumber(t *analyze.Task) uint32 {
	switch t.Outcome {
	case "returned":
		return 1
	case "raised":
		return 2
	case "cancelled":
		return 3
	case "collected":
		return 4
	}
	return 0
}
