package rule

import (
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// leaky builds a loop that is closed over n tasks, each spawned in a step of its own by a task that has ended; change may alter
// what was counted, and the tasks.
func leaky(n int, change func(w *world, counts *analyze.SiteCount, left []*analyze.Live)) func(w *world) {
	return func(w *world) {
		lp := w.loop()
		counts := analyze.SiteCount{}
		var live []*analyze.Live
		for i := range n {
			parent := w.done(lp, "request")
			x := w.leakTask(lp, parent)
			if counts.Site == nil {
				counts.Site = x.Task.Site
			}
			x.Task.Site = counts.Site
			counts.Spawned++
			counts.Batches++
			counts.Growth = append(counts.Growth, analyze.LivePoint{TimeNS: w.now, Spawned: i + 1, Live: i + 1})
			live = append(live, x)
		}
		w.ran(lp, "")
		if change != nil {
			change(w, &counts, live)
		}
		w.run.Folded = append(w.run.Folded, counts)
		w.closed(lp, live...)
	}
}

func (w *world) leakTask(lp *analyze.Loop, parent *analyze.Task) *analyze.Live {
	t := w.task(lp, "notify", "notify")
	t.Parent = parent
	x := live(t)
	x.On.Kind = "event"
	return x
}

func TestTaskLeak(t *testing.T) {
	found := []string{"error task-leak@20", "warning pending-at-close/never-cancelled@9"}
	pending := []string{"error pending-at-close/never-cancelled@9"}
	try(t, []scenario{
		{name: "one per request", build: leaky(40, nil), want: found},
		{name: "some of them ended", build: leaky(40, func(_ *world, c *analyze.SiteCount, _ []*analyze.Live) {
			c.Spawned, c.Returned = 80, 40
		}), want: found},
		{name: "a handful", build: leaky(8, nil), want: pending},
		{name: "one step spawned them", want: pending, build: leaky(40, func(_ *world, c *analyze.SiteCount, _ []*analyze.Live) { c.Batches = 1 })},
		{name: "as many as ever", want: pending, build: leaky(40, func(_ *world, c *analyze.SiteCount, _ []*analyze.Live) {
			for i := range c.Growth {
				c.Growth[i].Live = 40
			}
		})},
		{name: "only young ones", want: pending, build: leaky(40, func(w *world, c *analyze.SiteCount, left []*analyze.Live) {
			for _, l := range left {
				l.Task.SpawnedNS = w.now
			}
			c.Spawned, c.Returned = 400, 360
		})},
		{name: "each waits elsewhere", want: pending, build: leaky(40, func(_ *world, _ *analyze.SiteCount, left []*analyze.Live) {
			for i, l := range left {
				f := at(100+i, "notify", "await x")
				l.At = &f
			}
		})},
		{name: "they queue for a lock", want: pending, build: leaky(40, func(_ *world, _ *analyze.SiteCount, left []*analyze.Live) {
			for _, l := range left {
				l.On.Kind = "lock"
			}
		})},
	})
}

func TestLeakAfterAnError(t *testing.T) {
	cut := func(orphaned bool) func(w *world) {
		return func(w *world) {
			leaky(40, nil)(w)
			lp := w.run.Loops[0]
			c := w.run.Closes[0]
			lp.Runs[0].Exception = keyboardInterrupt
			if !orphaned {
				for _, l := range c.Live {
					l.Task.Parent.EndedNS = 0
				}
			}
			lp.Shutdowns = []*analyze.Shutdown{{Loop: lp, BeginNS: c.TimeNS - 1, EndNS: c.TimeNS, Live: c.Live}}
			c.Live = nil
		}
	}
	try(t, []scenario{
		{name: "spawned by what had ended", build: cut(true), want: []string{"warning task-leak@20"}},
		{name: "spawned by what was there", build: cut(false)},
	})
}

// Tasks that piled up when they were done are told of; those that piled up live, until asyncio.run() cancelled them, are told
// of as that.
func TestRetained(t *testing.T) {
	kept := func(cut int) func(w *world) {
		return func(w *world) {
			lp := w.loop()
			site := w.done(lp, "notify").Site
			w.ran(lp, "")
			s := &analyze.Shutdown{Loop: lp, BeginNS: w.tick(), EndNS: w.tick()}
			for range cut {
				x := w.leakTask(lp, nil)
				x.Task.Site, x.On.Kind = site, "lock"
				s.Live = append(s.Live, x)
			}
			lp.Shutdowns = []*analyze.Shutdown{s}
			w.closed(lp)
			w.run.Folded = append(w.run.Folded, analyze.SiteCount{Site: site, Spawned: 150, Batches: 150})
			w.p.Retained = []analyze.Retained{{Site: site, Count: 150, Tasks: []*analyze.Task{w.run.Tasks[0]}}}
		}
	}
	found := []string{}
	for _, cut := range []int{0, 140} {
		w := newWorld(13)
		kept(cut)(w)
		for _, f := range Check(w.run, "").Findings {
			if f.Cause == causeDoneRetained {
				found = append(found, f.Message)
			}
		}
	}
	if len(found) != 1 {
		t.Errorf("%q", found)
	}
}
