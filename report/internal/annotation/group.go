package annotation

import (
	"cmp"
	"slices"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/report/internal/wording"
)

// Group is tasks of a finding that come from one place and were at one place.
type Group struct {
	Tasks   []*analyze.Task
	Live    *analyze.Live // of the first; nil if the finding is about no moment
	Names   string        // "Task-2, Task-3", the first few
	Coro    string        // "poll()"; "" if it is not known
	Spawned string        // "by Task-1 at app.py:22 in main: create_task(poll())"
	State   string        // "waiting for a timer at app.py:10 in poll: await sleep(1)"; without a moment how they ended
	Cancel  string        // who asked them to stop, and what became of that; "" if nobody did
}

// Groups returns the tasks of a finding as they were at its moment, larger groups first, and the moment in words ("when the
// loop was closed"), "" if the finding is about none.
func Groups(p *wording.Phraser, f *analyze.Finding) (groups []Group, moment string) {
	m := wording.MomentOf(f)
	if !m.Known() {
		for _, tasks := range p.Alike(f.Tasks) {
			groups = append(groups, describe(p, wording.LiveOf(tasks), p.Outcome(tasks[0])))
		}
		return bySize(groups), ""
	}
	accused, _ := wording.Apart(m.Live, f.Tasks)
	for _, g := range wording.Grouped(accused, func(l *analyze.Live) string {
		return wording.SiteKey(l.Task) + "\x00" + p.WaitText(l, m) + "\x00" + p.CancelText(l, m)
	}) {
		d := describe(p, g, wording.StateWord(g[0])+wording.Waited(wording.SinceText(g, m), p.WaitText(g[0], m)))
		d.Live, d.Cancel = g[0], p.CancelText(g[0], m)
		groups = append(groups, d)
	}
	return bySize(groups), m.Words
}

func bySize(groups []Group) []Group {
	slices.SortStableFunc(groups, func(a, b Group) int { return cmp.Compare(len(b.Tasks), len(a.Tasks)) })
	return groups
}

func describe(p *wording.Phraser, live []*analyze.Live, state string) Group {
	d := Group{Names: p.Names(live), Spawned: p.SpawnedAll(live), State: state}
	for _, l := range live {
		d.Tasks = append(d.Tasks, l.Task)
	}
	d.Coro = p.Function(live[0].Task)
	return d
}
