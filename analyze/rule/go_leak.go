package rule

import (
	"fmt"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

const leakGo = `

**Go**: the tasks are goroutines, by where they were made; the process need not have ended. Reported when their number grew
all along, each was made in another step, nearly all wait at the same line for another goroutine, and what made
them has ended, or made them one after the other itself. Not reported: goroutines that wait for the network, a lock, or
sleep; those whose creator, or another goroutine of it, still serves a connection; known ones, which are folded. As a
warning. Fix: let the goroutine end with the request: cancel its context, close its channel, or give the channel room.`

// checkLeakGo reports goroutines of one place that only grow in number.
func checkLeakGo(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		serving := servers(p)
		live := keep(own(p.Exit.Live), func(l *analyze.Live) bool { return l.Task.Known == "" && piles(l, serving) })
		for _, c := range goCrowds(live, noTest) {
			if c.at == nil || len(c.live) < leakAtLeast || slices.ContainsFunc(c.live, func(l *analyze.Live) bool { return ownTest(l.Task) != nil }) {
				continue // each test is told of what it left
			}
			k := &leak{site: c.live[0].Task.Site, live: c.live, timeNS: p.Exit.TimeNS, calm: true}
			k.countGo(run, c)
			if k.grows() {
				report(k.findingGo(c))
			}
		}
	}
}

// servers returns the goroutines that serve somebody: they wait for the network themselves, or one that they made does and they
// have ended. A connection of net/http that is idle has ended its request.
func servers(p *analyze.Process) map[*analyze.Task]bool {
	serving := map[*analyze.Task]bool{}
	for _, l := range p.Exit.Live {
		if l.On.Kind != "io" && l.On.Kind != "syscall" || l.Task.MainGoroutine() || l.Task.Known != "" {
			continue
		}
		serving[l.Task] = true
		if l.Task.Parent != nil && l.Task.Parent.EndedNS != 0 { // it handed its connection on
			serving[l.Task.Parent] = true
		}
	}
	return serving
}

// piles reports whether a goroutine is left behind, as far as can be told.
func piles(l *analyze.Live, serving map[*analyze.Task]bool) bool {
	if l.Task.Loop == nil || l.Task.MainGoroutine() || l.Task.Parent != nil && serving[l.Task.Parent] || madeOnce(l.Task) {
		return false
	}
	switch {
	case recorded(l.Task.Loop):
		return l.Task.Loop.ClosedBy == nil && l.State == "suspended" && l.CancelsSoFar == 0
	case !l.Task.Goroutine() || mayTime(l):
		return false
	}
	switch l.On.Kind {
	case "chan-receive", "chan-send", "select", "waitgroup", "cond":
		return waiting(l)
	}
	return false
}

// countGo sums up what was ever made at the place of a goCrowd.
func (k *leak) countGo(run *analyze.Run, c *goCrowd) {
	sites := map[*analyze.Site]bool{}
	for _, l := range c.live {
		sites[l.Task.Site] = true
	}
	largest := 0
	for _, s := range run.Folded {
		if s.Site == nil || !sites[s.Site] && !sameSite(s.Site, k.site) {
			continue
		}
		k.counts.Spawned += s.Spawned
		k.counts.Returned += s.Returned
		k.counts.Batches += s.Batches
		if s.Spawned > largest {
			largest, k.counts.Growth = s.Spawned, s.Growth
		}
	}
}

func (k *leak) findingGo(c *goCrowd) analyze.Finding {
	l := c.main()
	f := analyze.Finding{At: c.at, Process: c.p, Loop: l.Task.Loop, Tasks: tasksOf(c.live)}
	noun := nounOf(l.Task)
	of := ""
	if start := shortFunction(startOf(l.Task)); start != "" {
		of = " of " + start
	}
	f.Message = fmt.Sprintf("%ss%s pile up: %s made at %s one after the other, and %s, %s", noun, of, count(k.counts.Spawned, noun)+verb(k.counts.Spawned, " was", " were"), place(c.p, c.at), k.left(), doing(c.p, l))
	var e evidence
	first := k.live[0]
	e.add(first.Task.SpawnedNS, c.at, "the oldest that is left, %s, was made here%s", goTask(first.Task), spawnedBy(first.Task, goTask))
	e.add(-1, nil, "live ones that were made there, over time: %s", k.series())
	e.addWaits(c, k.timeNS)
	f.Evidence, f.Fix = e, goFix(l)
	return f
}
