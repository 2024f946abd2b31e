package pprof

import (
	"slices"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/tasklist"
)

// leftover is a task that was live at the moment of the profile.
type leftover struct {
	task   *analyze.Task
	live   *analyze.Live // nil if nothing is known of what it did
	waitNS int64
}

// ofRuntime is what goroutines of Go's runtime are known as, which no goroutine profile has.
const ofRuntime = "runtime"

// leftOver returns the tasks of the profile, each once, by id.
func leftOver(res *analyze.Result) []leftover {
	asked := askedFor(res.Run)
	var list []leftover
	for _, tasks := range asked {
		list = append(list, tasks...)
	}
	rows, err := tasklist.Select(res, tasklist.Query{At: tasklist.When{Kind: tasklist.End}})
	if err == nil { // there is no query that could be wrong
		for _, r := range rows.Rows {
			if _, other := asked[r.Task.Process]; !other {
				list = append(list, leftover{r.Task, r.Live, waited(r.Live, endOf(r.Task, r.Live))})
			}
		}
	}
	list = slices.DeleteFunc(list, func(l leftover) bool { return l.task.Known == ofRuntime })
	slices.SortFunc(list, func(a, b leftover) int { return a.task.ID - b.task.ID })
	return slices.CompactFunc(list, func(a, b leftover) bool { return a.task == b.task })
}

// askedFor returns what was live at the moments that somebody asked for, by process.
func askedFor(run *analyze.Run) map[*analyze.Process][]leftover {
	asked := map[*analyze.Process][]leftover{}
	for _, p := range run.Processes {
		if n := len(p.Snapshots); n > 0 {
			asked[p] = liveAt(p.Snapshots[n-1].Live, p.Snapshots[n-1].TimeNS)
		}
	}
	last := map[*analyze.Task]int{} // in asked
	for _, c := range run.Closes {
		if c.Outcome != "seen" || c.Process == nil || len(c.Process.Snapshots) > 0 {
			continue
		}
		list := asked[c.Process]
		for _, l := range liveAt(c.Live, c.TimeNS) {
			if i, again := last[l.task]; again {
				list[i] = l
				continue
			}
			last[l.task] = len(list)
			list = append(list, l)
		}
		asked[c.Process] = list
	}
	return asked
}

func liveAt(live []*analyze.Live, ns int64) []leftover {
	list := make([]leftover, 0, len(live))
	for _, l := range live {
		list = append(list, leftover{l.Task, l, waited(l, ns)})
	}
	return list
}

// waited returns for how long a task had been suspended at a moment, as far as that is known.
func waited(l *analyze.Live, ns int64) int64 {
	if l == nil || l.State != "suspended" || l.SinceNS == 0 {
		return 0
	}
	return max(ns-l.SinceNS, 0)
}

// endOf returns the moment that a task was left over at: the close of its loop, or the end of its process.
func endOf(t *analyze.Task, l *analyze.Live) int64 {
	switch {
	case l != nil && t.Loop != nil && t.Loop.ClosedBy != nil:
		return min(l.AsOfNS, t.Loop.ClosedBy.TimeNS)
	case t.Process != nil:
		return t.Process.Exit.TimeNS
	}
	return 0
}
