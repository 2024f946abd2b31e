package rule

import "github.com/looptrace/looptrace/analyze"

// views are the run as the checks of each runtime see it: a rule of asyncio must not judge goroutines, nor the other way
// round. Where all processes are of one runtime the run itself is its view.
type views struct{ whole, python, golang *analyze.Run }

// viewsOf splits a run by the runtimes of its processes. A view without processes is nil.
func viewsOf(run *analyze.Run) *views {
	v := &views{whole: run}
	n := 0
	for _, p := range run.Processes {
		if p.Go() {
			n++
		}
	}
	switch n {
	case 0:
		v.python = run
	case len(run.Processes):
		v.golang = run
	default:
		v.python, v.golang = ofRuntime(run, false), ofRuntime(run, true)
	}
	return v
}

// ofRuntime returns a copy of run with what is of Go processes, or with the rest.
func ofRuntime(run *analyze.Run, golang bool) *analyze.Run {
	view := *run
	view.Processes = keep(run.Processes, func(p *analyze.Process) bool { return p.Go() == golang })
	view.Loops = keep(run.Loops, func(l *analyze.Loop) bool { return l.Process.Go() == golang })
	view.Closes = keep(run.Closes, func(c *analyze.Close) bool { return c.Process.Go() == golang })
	view.Tasks = keep(run.Tasks, func(t *analyze.Task) bool { return t.Process.Go() == golang })
	view.Folded = keep(run.Folded, func(s analyze.SiteCount) bool { return s.Process.Go() == golang })
	view.Tests = keep(run.Tests, func(t *analyze.Test) bool { return t.Process.Go() == golang })
	return &view
}

func keep[T any](list []T, wanted func(T) bool) []T {
	var out []T
	for _, v := range list {
		if wanted(v) {
			out = append(out, v)
		}
	}
	return out
}

// check runs a rule over the views that it has a check for.
func (v *views) check(r *Rule, report func(analyze.Finding)) {
	if r.Check != nil && v.python != nil {
		r.Check(v.python, report)
	}
	if r.CheckGo != nil && v.golang != nil {
		r.CheckGo(v.golang, report)
	}
}

// join gives the run what its views have remarked on the recording.
func (v *views) join() {
	for _, view := range []*analyze.Run{v.python, v.golang} {
		if view == nil || view == v.whole {
			continue
		}
		for _, id := range view.Health.Undecided {
			undecided(v.whole, id, "")
		}
		for _, note := range view.Health.Notes {
			remark(v.whole, note)
		}
	}
}
