package wording

import (
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

// Moment is the instant of a run that a finding speaks of, with what was live then.
type Moment struct {
	TimeNS  int64
	Live    []*analyze.Live
	Close   *analyze.Close // nil: not a close
	Exit    *analyze.Exit  // nil: not the end of a process
	Inexact bool           // what was live is rebuilt from the events before a sudden death
	Words   string         // "when the loop was closed"
}

// Known reports whether the finding is about an instant at all.
func (m Moment) Known() bool { return m.Words != "" }

// MomentOf picks the instant that tells most about a finding: its close, else the shutdown that found its tasks, else the
// end of its process.
func MomentOf(f *analyze.Finding) Moment {
	if f.Close != nil {
		return CloseMoment(f.Close)
	}
	for _, t := range f.Tasks {
		if s := t.CancelledAtShutdown; s != nil {
			return Moment{TimeNS: s.BeginNS, Live: Among(s.Live, f.Tasks), Words: "when the shutdown began"}
		}
	}
	if f.Process == nil || len(f.Process.Exit.Live) == 0 {
		return Moment{}
	}
	exit := &f.Process.Exit
	live := exit.Live
	switch {
	case len(f.Tasks) > 0:
		live = Among(live, f.Tasks)
	case len(f.Tests) > 0: // what other tests left has nothing to do with it
		live = ofTests(live, f.Tests)
	}
	if len(live) == 0 {
		return Moment{}
	}
	return Moment{TimeNS: exit.TimeNS, Live: live, Exit: exit, Inexact: !exit.LiveExact, Words: EndWords(f.Process)}
}

// EndWords says when the events of a process end: "when the process ended".
func EndWords(p *analyze.Process) string {
	if p.Go() && !p.Exit.Observed {
		return "when the recording ended"
	}
	return "when the process ended"
}

// CloseMoment is the moment of a close.
func CloseMoment(c *analyze.Close) Moment {
	words := "when the loop was closed"
	switch c.Outcome {
	case "refused":
		words = "when close() was refused"
	case "seen":
		words = "when " + (&Phraser{}).Closed(c) + " ran"
	}
	return Moment{TimeNS: c.TimeNS, Live: c.Live, Close: c, Words: words}
}

// Among returns the entries of live that are about one of the tasks.
func Among(live []*analyze.Live, tasks []*analyze.Task) []*analyze.Live {
	wanted := make(map[*analyze.Task]bool, len(tasks))
	for _, t := range tasks {
		wanted[t] = true
	}
	var out []*analyze.Live
	for _, l := range live {
		if wanted[l.Task] {
			out = append(out, l)
		}
	}
	return out
}

// ofTests returns the entries of live about tasks that one of the tests made.
func ofTests(live []*analyze.Live, tests []*analyze.Test) []*analyze.Live {
	var out []*analyze.Live
	for _, l := range live {
		if l.Task.Test != nil && slices.Contains(tests, l.Task.Test) {
			out = append(out, l)
		}
	}
	return out
}

// Apart splits the live tasks of a close into those that a finding accuses and the others. A finding that names no task
// is about all of them.
func Apart(live []*analyze.Live, tasks []*analyze.Task) (accused, others []*analyze.Live) {
	if len(tasks) == 0 {
		return live, nil
	}
	accused = Among(live, tasks)
	if len(accused) == 0 {
		return live, nil
	}
	in := make(map[*analyze.Live]bool, len(accused))
	for _, l := range accused {
		in[l] = true
	}
	for _, l := range live {
		if !in[l] {
			others = append(others, l)
		}
	}
	return accused, others
}
