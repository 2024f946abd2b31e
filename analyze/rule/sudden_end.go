package rule

import (
	"github.com/looptrace/looptrace/analyze"
)

// loopOpen reports whether a loop that the process itself opened was in use and open when the process ended.
func loopOpen(p *analyze.Process) bool {
	if len(own(p.Exit.Live)) > 0 {
		return true
	}
	for _, l := range ownLoops(p) {
		if l.ClosedBy == nil && running(l) != nil {
			return true
		}
	}
	return false
}

// loopOf returns the loop that a sudden end is about.
func loopOf(p *analyze.Process, live []*analyze.Live) *analyze.Loop {
	for _, l := range ownLoops(p) {
		if l.ClosedBy == nil && running(l) != nil {
			return l
		}
	}
	if len(live) > 0 {
		return live[0].Task.Loop
	}
	return nil
}

func whileLive(live []*analyze.Live) string {
	if len(live) == 0 {
		return " while its loop was running"
	}
	tasks := tasksOf(live)
	return " while " + theTasks(tasks) + verb(len(tasks), " was", " were") + " not done"
}
