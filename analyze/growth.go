package analyze

import "github.com/looptrace/looptrace/recorder/tracefile"

// SiteCount sums up the tasks of one spawn site, kept or not.
type SiteCount struct {
	Process                              *Process // the first in which tasks were spawned there; nil of the site of tasks whose birth was not observed
	Site                                 *Site
	Spawned, Returned, Raised, Cancelled int
	BusyNS                               int64
	// Batches is in how many steps (or stretches outside any task) they were spawned: 1 for a pool of workers that one
	// loop makes, one each for tasks that requests leave behind.
	Batches int
	// Growth is how many of them were live after how many had been spawned, in order of time.
	Growth []LivePoint
}

// siteCount is a SiteCount that is being counted.
type siteCount struct {
	SiteCount
	stride    int // spawns between two points
	lastBatch batch
}

// LivePoint is how many tasks of a site were live at one moment.
type LivePoint struct {
	TimeNS        int64
	Spawned, Live int
}

// Retained is done tasks that still existed at the end of a process: of one coroutine, though not all of them are listed.
type Retained struct {
	Site  *Site
	Count int
	Tasks []*Task
}

// batch names the step or callback in which a task was spawned.
type batch struct {
	parent int // 0: none
	number int // of the step of the parent, or of the callback
}

// maxGrowth bounds the points of a site; when they are full, every other one goes.
const maxGrowth = 64

// spawned counts a task that has just been spawned at a site.
func (sc *siteCount) spawned(timeNS int64, th *thread, parent *task) {
	sc.Spawned++
	in := batch{number: th.callbacks}
	if parent != nil {
		in = batch{parent: parent.id, number: parent.steps}
	}
	if sc.Batches == 0 || in != sc.lastBatch {
		sc.Batches++
		sc.lastBatch = in
	}
	if sc.stride == 0 {
		sc.stride = 1
	}
	if sc.Spawned%sc.stride != 0 {
		return
	}
	sc.Growth = append(sc.Growth, LivePoint{TimeNS: timeNS, Spawned: sc.Spawned, Live: sc.Spawned - sc.Returned - sc.Raised - sc.Cancelled})
	if len(sc.Growth) < maxGrowth {
		return
	}
	kept := sc.Growth[:0]
	sc.stride *= 2
	for _, g := range sc.Growth {
		if g.Spawned%sc.stride == 0 {
			kept = append(kept, g)
		}
	}
	sc.Growth = kept
}

// retainedTasks takes in done tasks that still exist.
func (p *proc) retainedTasks(e *tracefile.Event) {
	r := Retained{Count: int(number(e.Attrs.Get("count")))}
	for _, id := range fields(e.Attrs.Get("tasks")) {
		t := p.tasks.get(uint32(number(id)))
		if t == nil || t == foldedTask || t.outcome == 0 {
			continue
		}
		if r.Site == nil {
			r.Site = t.site.Site
		}
		r.Tasks = append(r.Tasks, t.public())
	}
	if r.Site != nil && len(p.pub.Retained) < maxRepeats {
		p.pub.Retained = append(p.pub.Retained, r)
	}
}
