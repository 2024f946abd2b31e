package term

import (
	"github.com/looptrace/looptrace/analyze"
)

// moment is the instant of a run that a finding speaks of, with what was live then.
type moment struct {
	timeNS  int64
	live    []*analyze.Live
	close   *analyze.Close // nil: not a close
	exit    *analyze.Exit  // nil: not the end of a process
	inexact bool           // what was live is rebuilt from the events before a sudden death
	words   string         // "when the loop was closed"
}

// known reports whether the finding is about an instant at all.
func (m moment) known() bool { return m.words != "" }

// momentOf picks the instant that tells most about a finding: its close, else the shutdown that found its tasks, else the
// end of its process.
func momentOf(f *analyze.Finding) moment {
	if f.Close != nil {
		return closeMoment(f.Close)
	}
	for _, t := range f.Tasks {
		if s := t.CancelledAtShutdown; s != nil {
			return moment{timeNS: s.BeginNS, live: among(s.Live, f.Tasks), words: "when the shutdown began"}
		}
	}
	if f.Process == nil || len(f.Process.Exit.Live) == 0 {
		return moment{}
	}
	exit := &f.Process.Exit
	live := exit.Live
	if len(f.Tasks) > 0 {
		live = among(live, f.Tasks)
	}
	if len(live) == 0 {
		return moment{}
	}
	return moment{timeNS: exit.TimeNS, live: live, exit: exit, inexact: !exit.LiveExact, words: "when the process ended"}
}

func closeMoment(c *analyze.Close) moment {
	words := "when the loop was closed"
	if c.Outcome == "refused" {
		words = "when close() was refused"
	}
	return moment{timeNS: c.TimeNS, live: c.Live, close: c, words: words}
}

// among returns the entries of live that are about one of the tasks.
func among(live []*analyze.Live, tasks []*analyze.Task) []*analyze.Live {
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

// apart splits the live tasks of a close into those that a finding accuses and the others. A finding that names no task
// is about all of them.
func apart(live []*analyze.Live, tasks []*analyze.Task) (accused, others []*analyze.Live) {
	if len(tasks) == 0 {
		return live, nil
	}
	accused = among(live, tasks)
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
