package rule

import (
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

// consequenceOf says that a finding of rule symptom merely follows from one of rule root, when same holds.
type consequenceOf struct {
	root, symptom string
	same          func(root, symptom *analyze.Finding) bool
}

// consequences lists what follows from what. It has no cycles: a root of one entry is never folded into its own symptom.
func consequences() []consequenceOf {
	return []consequenceOf{
		{"close-running-loop", "loop-never-closed", sameLoop},
		{"close-running-loop", "live-at-exit", sameLoop},
		{"loop-not-context-manager", "loop-never-closed", neverRan},
		{"loop-not-context-manager", "live-at-exit", sameProcess},
		{"stopped-before-complete", "pending-at-close", onlyTarget},
		{"stopped-before-complete", "loop-never-closed", sameLoop},
		{"stopped-before-complete", "live-at-exit", sameLoop},
		{"other-loop-running", "loop-never-closed", sameLoop},
		{"pending-at-close", "use-after-close", ofDroppedTask},
		{"loop-never-closed", "live-at-exit", sameLoop},
	}
}

// fold removes the findings that follow from another one and tells them there, so that one fault is one finding.
func fold(_ *analyze.Run, found []analyze.Finding) []analyze.Finding {
	gone := make([]bool, len(found))
	for _, c := range consequences() {
		for r := range found {
			if found[r].Rule != c.root || gone[r] {
				continue
			}
			for s := range found {
				if found[s].Rule == c.symptom && !gone[s] && c.same(&found[r], &found[s]) {
					gone[s] = true
					absorb(&found[r], &found[s])
				}
			}
		}
	}
	i := -1
	return slices.DeleteFunc(found, func(analyze.Finding) bool { i++; return gone[i] })
}

// absorb tells a consequence in its root.
func absorb(root, symptom *analyze.Finding) {
	root.Follows = append(root.Follows, symptom.Rule+": "+symptom.Message)
	root.Follows = append(root.Follows, symptom.Follows...)
}

func sameLoop(a, b *analyze.Finding) bool { return a.Loop != nil && a.Loop == b.Loop }

func sameProcess(a, b *analyze.Finding) bool { return a.Process == b.Process }

func neverRan(root, symptom *analyze.Finding) bool {
	return sameProcess(root, symptom) && symptom.Loop != nil && len(symptom.Loop.Runs) == 0
}

// onlyTarget holds for a close that dropped just the coroutine that the stopped run had left.
func onlyTarget(root, symptom *analyze.Finding) bool {
	return sameLoop(root, symptom) && (symptom.Cause == causeStopInTask || symptom.Cause == causeStopSignal) &&
		len(symptom.Tasks) == 1 && len(root.Tasks) == 1 && symptom.Tasks[0] == root.Tasks[0]
}

// ofDroppedTask holds for a use by the clean-up of a task that the close had dropped, by a finalizer, or by an executor job
// that delivered its result too late.
func ofDroppedTask(root, symptom *analyze.Finding) bool {
	if !sameLoop(root, symptom) || root.Close == nil || timeOf(symptom) < root.Close.TimeNS {
		return false
	}
	if symptom.At == nil {
		return true
	}
	return len(symptom.Tasks) == 1 && slices.Contains(root.Tasks, symptom.Tasks[0])
}
