package rule

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

// secondGeneration says where tasks come from that were spawned after asyncio.run() had begun to cancel what was left: the
// clean-up of a cancelled task spawned them, and nobody cancels or awaits those. "" if the tasks are others.
func (cl *closing) secondGeneration(g group) string {
	if g.cause != causeTooLate && g.cause != causeNeverCancelled || len(g.live) < len(cl.left) {
		return ""
	}
	after := ""
	for _, l := range g.live {
		switch s := shutdownOf(l.Task); {
		case s != nil:
			after = runnerName(s) + " had cancelled what was left"
		case cancelledBefore(l.Task.Parent, l.Task.SpawnedNS):
			after = "that had been cancelled"
		default:
			return ""
		}
	}
	by := "the clean-up"
	if p := g.live[0].Task.Parent; p != nil {
		by = "the clean-up of " + theTask(p)
	}
	return fmt.Sprintf("%s spawned %s after %s", by, verb(len(g.live), "it", "them"), after)
}

// cancelledBefore reports whether a task that ended as cancelled had been so before a moment.
func cancelledBefore(t *analyze.Task, ns int64) bool {
	return t != nil && t.Outcome == "cancelled" && len(t.Cancels) > 0 && t.Cancels[len(t.Cancels)-1].TimeNS <= ns
}

// shutdownOf returns the shutdown during which a task was spawned, nil if it was spawned before or after.
func shutdownOf(t *analyze.Task) *analyze.Shutdown {
	if t.Loop == nil {
		return nil
	}
	for _, s := range t.Loop.Shutdowns {
		if t.SpawnedNS >= s.BeginNS && (s.EndNS == 0 || t.SpawnedNS <= s.EndNS) {
			return s
		}
	}
	return nil
}

// inCleanUp is the fix for tasks that a clean-up spawned.
func (cl *closing) inCleanUp(g group) analyze.Fix {
	return analyze.Fix{
		Summary: "await the clean-up where it is, instead of spawning a task for it: the task is not among those that the end of the run waits for",
		Code:    lines("try:", "    ...", "finally:", "    await "+coroOf(g)),
	}
}
