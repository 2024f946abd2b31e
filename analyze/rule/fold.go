package rule

import (
	"fmt"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

// consequenceOf says that a finding of rule symptom follows from one of rule root, when same holds.
type consequenceOf struct {
	root, symptom string
	same          func(root, symptom *analyze.Finding) bool
	// stays keeps the symptom, as a warning: there is something to change at its own line too.
	stays bool
}

// anyRule is the root of what may follow from every finding.
const anyRule = "*"

// consequences lists what follows from what. The two that name each other are decided by severity, then by their order.
func consequences() []consequenceOf {
	return append([]consequenceOf{
		{root: "close-running-loop", symptom: "loop-already-running", same: sameCall},
		{root: "close-running-loop", symptom: "loop-already-running", same: refusedRun, stays: true},
		{root: "close-running-loop", symptom: "callback-exception", same: closeAsCallback},
		{root: "close-running-loop", symptom: "loop-never-closed", same: sameLoop},
		{root: "close-running-loop", symptom: "live-at-exit", same: sameLoop},
		{root: "close-running-loop", symptom: "loop-blocked", same: hangsInClose},
		{root: "loop-not-context-manager", symptom: "loop-never-closed", same: neverRan},
		{root: "loop-not-context-manager", symptom: "live-at-exit", same: sameProcess},
		{root: "stopped-before-complete", symptom: "pending-at-close", same: onlyTarget},
		{root: "stopped-before-complete", symptom: "pending-at-close", same: bySameStop, stays: true},
		{root: "stopped-before-complete", symptom: "loop-never-closed", same: sameLoop},
		{root: "stopped-before-complete", symptom: "live-at-exit", same: sameLoop},
		{root: "fork-inherited-loop", symptom: "loop-already-running", same: sameCall},
		{root: "fork-inherited-loop", symptom: "loop-already-running", same: sameLoop, stays: true},
		{root: "fork-inherited-loop", symptom: "live-at-exit", same: noOtherTasks},
		{root: "wrong-loop", symptom: "cancelled-at-exit", same: endedTheRun},
		{root: "thread-unsafe-call", symptom: "cancelled-at-exit", same: sameCall},
		{root: "other-loop-running", symptom: "loop-never-closed", same: sameLoop},
		{root: "pending-at-close", symptom: "use-after-close", same: ofDroppedTask},
		{root: "pending-at-close", symptom: "cancel-swallowed", same: droppedThere, stays: true},
		{root: "cancel-swallowed", symptom: "cancelled-at-exit", same: sameTasks},
		{root: "cancel-swallowed", symptom: "slow-shutdown", same: sameTasks},
		{root: "task-leak", symptom: "pending-at-close", same: leakOnly, stays: true},
		{root: "task-leak", symptom: "cancelled-at-exit", same: leakOnly},
		{root: "task-leak", symptom: "live-at-exit", same: leakOnly},
		{root: "pending-at-close", symptom: "orphan-task", same: sameTasks},
		{root: "orphan-task", symptom: "cancelled-at-exit", same: sameTasks},
		{root: "orphan-task", symptom: "live-at-exit", same: sameTasks},
		{root: "pending-at-close", symptom: "live-at-exit", same: sameGoroutines},
		{root: "pending-at-close", symptom: "deadlock", same: sameGoroutines},
		{root: "live-at-exit", symptom: "live-at-exit", same: sameGoroutines},
		{root: "pending-at-close", symptom: "interrupted", same: tellsCtrlC},
		{root: "pending-at-close", symptom: "executor-result-lost", same: sameClose, stays: true},
		{root: "executor-result-lost", symptom: "use-after-close", same: lateResult},
		{root: "resumed-zombie", symptom: "interrupted", same: sameCall},
		{root: "subprocess-outlives-loop", symptom: "pending-at-close", same: allWaitForChild, stays: true},
		{root: "subprocess-outlives-loop", symptom: "use-after-close", same: byFinalizer},
		{root: "transport-unclosed", symptom: "use-after-close", same: byFinalizer},
		{root: "server-connections-live", symptom: "cancelled-at-exit", same: noOtherTasks},
		{root: "pending-at-close", symptom: "transport-unclosed", same: openedByTask},
		{root: "cancelled-at-exit", symptom: "transport-unclosed", same: openedByTask},
		{root: "executor-blocks-exit", symptom: "slow-shutdown", same: byExecutor},
		{root: "loop-never-closed", symptom: "live-at-exit", same: sameLoop},
		{root: "loop-blocked", symptom: "task-starved", same: sameLoop},
		{root: "live-at-exit", symptom: "loop-never-closed", same: sameLoop},

		{root: anyRule, symptom: "uncaught-exception", same: sameException},
	}, append(lostConsequences(), deadlockConsequences()...)...)
}

// fold removes the findings that follow from another one and tells them there, so that one fault is one finding.
func fold(_ *analyze.Run, found []analyze.Finding) []analyze.Finding {
	gone := make([]bool, len(found))
	of := map[string][]int{} // the findings of a rule: there may be thousands of one, and none of the other
	for i := range found {
		of[found[i].Rule] = append(of[found[i].Rule], i)
		of[anyRule] = append(of[anyRule], i)
	}
	for _, c := range consequences() {
		if len(of[c.symptom]) == 0 {
			continue
		}
		for _, r := range of[c.root] {
			if gone[r] {
				continue
			}
			for _, s := range of[c.symptom] {
				if s == r || gone[s] || outweighed(&found[r], &found[s]) ||
					otherTests(&found[r], &found[s]) || !c.same(&found[r], &found[s]) {
					continue
				}
				if c.stays {
					demote(&found[s])
					continue
				}
				gone[s] = true
				absorb(&found[r], &found[s])
			}
		}
	}
	for i := range found {
		found[i].Follows = condensed(found[i].Follows)
	}
	i := -1
	return slices.DeleteFunc(found, func(analyze.Finding) bool { i++; return gone[i] })
}

// outweighed reports whether a finding is too light to explain another one away. What a test asserts is none, and explains
// what follows from it all the same.
func outweighed(root, symptom *analyze.Finding) bool {
	return !root.Asserted && weight(root.Severity) > weight(symptom.Severity)
}

// absorb tells a consequence in its root.
func absorb(root, symptom *analyze.Finding) {
	root.Folded = append(root.Folded, *symptom)
	root.Follows = append(root.Follows, symptom.Rule+": "+symptom.Message)
	root.Follows = append(root.Follows, symptom.Follows...)
}

// condensed tells equal sentences once.
func condensed(sentences []string) []string {
	var out []string
	for _, s := range distinct(sentences) {
		if s.n > 1 {
			s.text += fmt.Sprintf(" (%d times)", s.n)
		}
		out = append(out, s.text)
	}
	return out
}

// demote makes an error a warning.
func demote(f *analyze.Finding) {
	if f.Severity == analyze.Error {
		f.Severity = analyze.Warning
	}
}

// endedTheRun holds for tasks that asyncio.run() cancelled because the refused use had ended its main coroutine.
func endedTheRun(root, symptom *analyze.Finding) bool {
	if !sameLoop(root, symptom) || timeOf(symptom) < timeOf(root) {
		return false
	}
	r := runningAt(root.Loop, timeOf(root))
	return r != nil && r.Exception == "RuntimeError" && r.EndNS != 0
}

func sameLoop(a, b *analyze.Finding) bool { return a.Loop != nil && a.Loop == b.Loop }

func sameProcess(a, b *analyze.Finding) bool { return a.Process == b.Process }

func neverRan(root, symptom *analyze.Finding) bool {
	return sameProcess(root, symptom) && symptom.Loop != nil && len(symptom.Loop.Runs) == 0
}

// onlyTarget holds for a close that dropped just the coroutine that the stopped run had left.
func onlyTarget(root, symptom *analyze.Finding) bool {
	return bySameStop(root, symptom) &&
		len(symptom.Tasks) == 1 && len(root.Tasks) == 1 && symptom.Tasks[0] == root.Tasks[0]
}

// bySameStop holds for a close that dropped tasks because of the stop that ended the run.
func bySameStop(root, symptom *analyze.Finding) bool {
	return sameLoop(root, symptom) && (symptom.Cause == causeStopInTask || symptom.Cause == causeStopSignal)
}

// refusedRun holds for the refused run behind a refused close.
func refusedRun(root, symptom *analyze.Finding) bool {
	if root.Cause != causeAlreadyRunning || !sameLoop(root, symptom) || root.Close == nil {
		return false
	}
	r := refusedBefore(root.Close)
	return r != nil && compareFrames(r.At, symptom.At) == 0
}

// sameCall holds for what is told of the same line and loop.
func sameCall(root, symptom *analyze.Finding) bool {
	return sameLoop(root, symptom) && sameLine(root, symptom)
}

// closeAsCallback holds for the error of a close() that was itself the callback: no line of the program is in its traceback.
func closeAsCallback(root, symptom *analyze.Finding) bool {
	return root.Cause == causeCallback && symptom.At == nil && sameLoop(root, symptom) &&
		objectOf(root.At, "close") == "" && timeOf(symptom) >= timeOf(root)
}

// allWaitForChild holds for a close whose dropped tasks all waited for a child process.
func allWaitForChild(root, symptom *analyze.Finding) bool {
	if !sameLoop(root, symptom) || symptom.Close == nil {
		return false
	}
	for _, l := range own(symptom.Close.Live) {
		if l.On.Kind != "subprocess" {
			return false
		}
	}
	return true
}

// byFinalizer holds for a use of the closed loop that no line of the program made.
func byFinalizer(root, symptom *analyze.Finding) bool {
	return sameLoop(root, symptom) && symptom.At == nil && timeOf(symptom) >= timeOf(root)
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
