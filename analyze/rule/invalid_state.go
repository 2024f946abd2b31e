package rule

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// Causes of an invalid state.
const (
	causeLateReply     = "late-reply"
	causeResolvedTwice = "resolved-twice"
	causeAskedEarly    = "asked-too-early"
	causeTaskResolved  = "task-resolved"
)

func invalidState() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "invalid-state", Severity: analyze.Error, Since: "0.2",
			Title: "future resolved twice, or asked before it was done",
			Doc: `set_result() or set_exception() was called on a future that was done, result() or exception() on one that was not, or
set_result() on a task; and the InvalidStateError (RuntimeError for the task) ended a task, a callback, a thread or the process.
Typical is a reply that comes after its wait_for() has timed out: the timeout has cancelled the future.

**Reported** when the error ended something. Whether the future had been cancelled or resolved before is told where only
one future was in reach of the line.

**Not reported**: an InvalidStateError that the program caught.

**Fix**: "if not future.done():" ahead of set_result() and set_exception().`,
			Causes: []analyze.CauseInfo{
				{ID: causeLateReply, Doc: "The future had been cancelled when its result came: by the timeout or the end of whoever waited for it."},
				{ID: causeResolvedTwice, Doc: "The future had a result or an exception already."},
				{ID: causeAskedEarly, Doc: "result() or exception() was asked of a future that was not done."},
				{ID: causeTaskResolved, Doc: "set_result() or set_exception() was called on a task, whose result is what its coroutine returns."},
			},
		},
		Check: checkInvalidState,
	}
}

func checkInvalidState(run *analyze.Run, report func(analyze.Finding)) {
	words := []string{
		"invalid state", "FINISHED", "CANCELLED", "Result is not set.", "Result is not ready.", "Exception is not set.",
		"Task does not support set_result operation", "Task does not support set_exception operation",
	}
	for _, p := range run.Processes {
		for _, m := range misuses(p, words...) {
			if m.failure == nil {
				continue
			}
			f := m.finding(analyze.Error)
			f.Cause = invalidCause(&m)
			f.Message = invalidMessage(&m, f.Cause)
			if at := m.failure.Scheduled; at != nil && m.at == nil {
				f.At = at
				var e evidence = f.Evidence
				e.add(-1, at, "the only line that hands the method of a future on as a callback")
				f.Evidence = e
			}
			tellFirst(&m, &f)
			if f.At == nil {
				f.Severity = analyze.Warning // it may be a library's
			}
			f.Fix = invalidFix(f.Cause, f.At)
			report(f)
		}
	}
}

// tellFirst adds who had resolved the future before, where only one line of the program can have done it.
func tellFirst(m *misuse, f *analyze.Finding) {
	first := m.failure.First
	if first == nil || f.Cause != causeResolvedTwice {
		return
	}
	text := "the only other line of the program that resolves futures"
	if compareFrames(first, f.At) == 0 {
		text = "no other line of the program resolves futures"
	}
	var e evidence = f.Evidence
	e.add(-1, first, "%s", text)
	f.Evidence = e
}

func invalidCause(m *misuse) string {
	switch {
	case strings.HasPrefix(m.words, "Task does not"):
		return causeTaskResolved
	case strings.HasPrefix(m.words, "Result is") || strings.HasPrefix(m.words, "Exception is"):
		return causeAskedEarly
	case m.failure.Resolved == "cancelled" || m.words == "CANCELLED":
		return causeLateReply
	case m.failure.Resolved == "finished" || m.words == "FINISHED":
		return causeResolvedTwice
	}
	return ""
}

func invalidMessage(m *misuse, cause string) string {
	what := "a future was resolved that was done already"
	switch cause {
	case causeTaskResolved:
		what = "a task was given a result from outside"
	case causeAskedEarly:
		what = "a future was asked for its outcome before it was done"
	case causeLateReply:
		what = "a future was resolved after it had been cancelled"
	case causeResolvedTwice:
		what = "a future was resolved that had a result or an exception already"
	}
	return fmt.Sprintf("%s; the %s ended %s", what, m.failure.Exception, ended(m.failure))
}

var resolves = regexp.MustCompile(`^(` + receiver + `(?:\[[\w.]+\])?)\.(?:set_result|set_exception)\(.*\)$`)

func invalidFix(cause string, at *analyze.Frame) analyze.Fix {
	switch cause {
	case causeTaskResolved:
		return analyze.Fix{Summary: "return the result from the task's coroutine, or use a future", Code: "future = asyncio.get_running_loop().create_future()"}
	case causeAskedEarly:
		return analyze.Fix{Summary: "await the future instead of asking it", Code: "result = await future"}
	}
	if m := resolves.FindStringSubmatch(textOf(at)); m != nil && balanced(textOf(at)) {
		return analyze.Fix{Summary: "look whether the future is done before resolving it", Code: lines("if not "+m[1]+".done():", "    "+textOf(at))}
	}
	return analyze.Fix{Summary: "look whether the future is done before resolving it", Code: lines("if not future.done():", "    future.set_result(value)")}
}
