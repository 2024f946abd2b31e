package rule

import (
	"fmt"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

// certainAlone lists the rules whose findings are told by what was recorded at one moment, whatever is missing elsewhere. All
// others conclude something from what was not recorded: no close, no end, no other owner.
var certainAlone = []string{
	"loop-not-context-manager", "close-running-loop", "nested-run", "other-loop-running", "loop-already-running",
	"no-running-loop", "no-current-loop", "runner-closed", "stopped-before-complete", "wrong-loop", "thread-unsafe-call",
	"pending-at-close", "use-after-close", "executor-after-shutdown", "invalid-state", "await-misuse", "taskgroup-misuse",
	"timeout-misuse", "sync-misuse", "callback-exception", "killed-by-signal", "abrupt-exit", "uncaught-exception",
	"interrupted", "task-reentrancy",
}

// certainUntil lists the rules whose findings are certain if they are about a time before the recording stopped.
var certainUntil = []string{"loop-blocked", "task-starved"}

// lost reports whether a finding cannot be relied on because the recording of its process stopped before its end, and says
// so in the report's health.
func lost(run *analyze.Run, f *analyze.Finding) bool {
	p := f.Process
	if p == nil && f.Loop != nil {
		p = f.Loop.Process
	}
	if p == nil || p.LostNS == 0 || slices.Contains(certainAlone, f.Rule) {
		return false
	}
	if slices.Contains(certainUntil, f.Rule) && timeOf(f) < p.LostNS {
		return false
	}
	undecided(run, f.Rule, fmt.Sprintf("%s: the recording of process %d stopped before the process ended, so this is not decided", f.Rule, p.PID))
	return true
}
