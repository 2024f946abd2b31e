package rule

import (
	"regexp"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// lostConsequences lists what follows from what about exceptions, coroutines and tasks that were lost.
func lostConsequences() []consequenceOf {
	list := []consequenceOf{
		{root: "task-reentrancy", symptom: "pending-at-close", same: noOtherTasks},
		{root: "task-reentrancy", symptom: "live-at-exit", same: noOtherTasks},
		{root: "asyncgen-not-finalised", symptom: "pending-at-close", same: onlyFinalizing},
		{root: "pending-at-close", symptom: "asyncgen-not-finalised", same: iteratedByDropped},
		{root: "loop-never-closed", symptom: "asyncgen-not-finalised", same: sameLoop},
		{root: "live-at-exit", symptom: "asyncgen-not-finalised", same: sameLoop},
		{root: "shutdown-exception", symptom: "cancelled-at-exit", same: noOtherTasks},
		{root: "pending-at-close", symptom: "exception-never-retrieved", same: ofDroppedTask},
		{root: "loop-never-closed", symptom: "task-collected-pending", same: sameLoop},
		{root: "live-at-exit", symptom: "task-collected-pending", same: sameLoop},
		{root: "callback-exception", symptom: "coroutine-never-awaited", same: sameSubjects},
		{root: "stopped-loop-call", symptom: "coroutine-never-awaited", same: handedTo},
		{root: "task-collected-pending", symptom: "await-misuse", same: sameTasks}, // its clean-up had it woken once more
	}
	return append(list, lostWithRefusals()...)
}

// lostWithRefusals lists what follows from a call that asyncio refused: the error ends a task or comes out of a callback, and
// the coroutine that was handed to the call is never awaited.
func lostWithRefusals() []consequenceOf {
	var list []consequenceOf
	for _, root := range []string{
		"close-running-loop", "nested-run", "other-loop-running", "loop-already-running", "use-after-close", "no-running-loop",
		"no-current-loop", "runner-closed", "wrong-loop", "thread-unsafe-call", "executor-after-shutdown", "invalid-state",
		"await-misuse", "taskgroup-misuse", "timeout-misuse", "sync-misuse",
	} {
		for _, symptom := range []string{"exception-never-retrieved", "callback-exception", "shutdown-exception"} {
			list = append(list, consequenceOf{root: root, symptom: symptom, same: sameLine})
		}
		list = append(list, consequenceOf{root: root, symptom: "coroutine-never-awaited", same: handedTo})
		list = append(list, consequenceOf{root: root, symptom: "pending-at-close", same: endedByIt, stays: true})
	}
	return list
}

// sameLine holds for an error that was raised at the line of its root.
func sameLine(root, symptom *analyze.Finding) bool {
	return sameProcess(root, symptom) && root.At != nil && symptom.At != nil && compareFrames(root.At, symptom.At) == 0
}

// endedByIt holds for a close that was all the clean-up there was after the error of a refused call had ended the run.
func endedByIt(root, symptom *analyze.Finding) bool {
	if symptom.Cause != causeErrorSkipped || symptom.Close == nil || root.At == nil || !sameProcess(root, symptom) {
		return false
	}
	for _, r := range ran(symptom.Close.Loop, symptom.Close.TimeNS) {
		if at := firstUser(r.RaisedAt); r.Exception != "" && at != nil && compareFrames(at, root.At) == 0 {
			return true
		}
	}
	return false
}

// handedTo holds for a coroutine that was made for a call which was refused: on its line, or before in the same function.
func handedTo(root, symptom *analyze.Finding) bool {
	if sameLine(root, symptom) {
		return true
	}
	if unplaced(symptom) && sameProcess(root, symptom) && root.At != nil && timeOf(symptom) >= timeOf(root) {
		return strings.Contains(root.At.Text, lastName(symptom.Subjects[0])+"(") || passedByName.MatchString(root.At.Text)
	}
	r, s := root.At, symptom.At
	if !sameProcess(root, symptom) || r == nil || s == nil || len(symptom.Subjects) != 1 || timeOf(symptom) < timeOf(root) {
		return false
	}
	if callsFor(r, symptom.Subjects[0]) && !bareCall(s, symptom.Subjects[0]) {
		return true
	}
	return r.File == s.File && r.Function == s.Function && s.Line < r.Line && !bareCall(s, symptom.Subjects[0])
}

// passedByName matches a call that takes a coroutine and got it by the name of a variable.
var passedByName = regexp.MustCompile(`\b(?:run_coroutine_threadsafe|run_until_complete|run|create_task|ensure_future)\(\s*[A-Za-z_]\w*\s*[,)]`)

// unplaced reports whether a coroutine is only known by its function, not by the line that made it.
func unplaced(f *analyze.Finding) bool {
	return len(f.Subjects) == 1 && f.At != nil && f.At.Function == lastName(f.Subjects[0]) && strings.HasPrefix(strings.TrimSpace(f.At.Text), "async def ")
}

// noOtherTasks holds for a symptom that is about tasks of its root only.
func noOtherTasks(root, symptom *analyze.Finding) bool {
	return len(symptom.Tasks) > 0 && within(symptom.Tasks, root.Tasks)
}

// onlyFinalizing holds for a close that dropped nothing but the aclose() of generators.
func onlyFinalizing(root, symptom *analyze.Finding) bool {
	return sameLoop(root, symptom) && noOtherTasks(root, symptom) || sameLoop(root, symptom) && !slices.ContainsFunc(symptom.Tasks, func(t *analyze.Task) bool { return !finalizing(t) })
}

// iteratedByDropped holds for a generator that a task which the close dropped was iterating.
func iteratedByDropped(root, symptom *analyze.Finding) bool {
	if !sameLoop(root, symptom) || root.Close == nil || symptom.At == nil {
		return false
	}
	for _, l := range root.Close.Live {
		for _, f := range l.Awaiting {
			if f.File == symptom.At.File && f.Qualname == symptom.At.Qualname {
				return true
			}
		}
	}
	return false
}

func sameSubjects(root, symptom *analyze.Finding) bool {
	return sameProcess(root, symptom) && len(root.Subjects) > 0 && slices.Equal(root.Subjects, symptom.Subjects)
}
