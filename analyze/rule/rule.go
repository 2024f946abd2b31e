package rule

import (
	"fmt"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

// Rule is one kind of fault.
type Rule struct {
	analyze.RuleInfo
	// Check reports every instance of the fault in run. The first piece of evidence carries the time of the fault.
	// It sees the processes of Python only. nil: there is no such fault in asyncio.
	Check func(run *analyze.Run, report func(analyze.Finding))
	// CheckGo is Check for the processes of Go. nil: there is no such fault in Go, or nobody could see it.
	CheckGo func(run *analyze.Run, report func(analyze.Finding))
}

// All returns every rule, in the order in which findings of one moment are ranked.
func All() []*Rule {
	return []*Rule{
		loopNotContextManager(),
		closeRunningLoop(),
		nestedRun(),
		otherLoopRunning(),
		loopAlreadyRunning(),
		noRunningLoop(),
		noCurrentLoop(),
		runnerClosed(),
		stoppedBeforeComplete(),
		forkInheritedLoop(),
		wrongLoop(),
		threadUnsafeCall(),
		stoppedLoopCall(),
		cancelSwallowed(),
		taskReentrancy(),
		asyncgenNotFinalised(),
		asyncgenCloseFailed(),
		shutdownException(),
		resumedZombie(),
		taskLeak(),
		orphanTask(),
		deadlock(),
		pendingAtClose(),
		executorResultLost(),
		subprocessOutlivesLoop(),
		useAfterClose(),
		executorAfterShutdown(),
		invalidState(),
		awaitMisuse(),
		taskgroupMisuse(),
		timeoutMisuse(),
		syncMisuse(),
		taskCollectedPending(),
		callbackException(),
		exceptionNeverRetrieved(),
		coroutineNeverAwaited(),
		killedBySignal(),
		abruptExit(),
		cancelledAtExit(),
		serverConnectionsLive(),
		executorBlocksExit(),
		transportUnclosed(),
		loopNeverClosed(),
		liveAtExit(),
		uncaughtException(),
		interrupted(),
		loopBlocked(),
		taskStarved(),
		slowShutdown(),
	}
}

// Lookup returns the rule with that id, nil if there is none.
func Lookup(id string) *Rule {
	for _, r := range All() {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// Check runs all rules over run and returns its faults, the one to act on first. tool is the version of looptrace.
func Check(run *analyze.Run, tool string) *analyze.Result {
	res := &analyze.Result{Run: run, Tool: tool, Findings: []analyze.Finding{}, Rules: []analyze.RuleInfo{}}
	var found []analyze.Finding
	views := viewsOf(run)
	for _, r := range All() {
		res.Rules = append(res.Rules, r.RuleInfo)
		report := func(f analyze.Finding) {
			f.Rule = r.ID
			if f.Severity == "" {
				f.Severity = r.Severity
			}
			inTests(&f)
			if !lost(run, &f) {
				found = append(found, f)
			}
		}
		views.check(r, report)
	}
	views.join()
	found = fold(run, found)
	rank(found)
	found = fold(run, mergeRepeats(found)) // once more: what is told of several tasks may follow from all of them together
	tellMessages(run, found)
	found = slices.DeleteFunc(found, func(f analyze.Finding) bool { return f.Asserted })
	fingerprint(found)
	res.Findings = append(res.Findings, found...)
	return res
}

// inProcess begins a sentence about one of several processes.
func inProcess(run *analyze.Run, p *analyze.Process) string {
	if len(run.Processes) == 1 {
		return ""
	}
	return fmt.Sprintf("process %d: ", p.PID)
}

// undecided leaves a sentence about what a rule could not decide, once.
func undecided(run *analyze.Run, id, sentence string) {
	if !slices.Contains(run.Health.Undecided, id) {
		run.Health.Undecided = append(run.Health.Undecided, id)
	}
	remark(run, sentence)
}

// remark leaves a sentence about the recording, once.
func remark(run *analyze.Run, sentence string) {
	if sentence != "" && !slices.Contains(run.Health.Notes, sentence) {
		run.Health.Notes = append(run.Health.Notes, sentence)
	}
}
