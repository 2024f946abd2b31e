package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// goTestAlarm is the function that a goroutine of go test runs when the timeout has struck: it lists the running tests and
// panics. The name is the same from Go 1.18 to 1.26; see GOROOT/src/testing.
const goTestAlarm = "testing.(*M).startAlarm.func1"

// hungTests reports the tests that had not ended when the timeout of go test struck. Those that wait for their subtests or for
// their turn are none.
func (end *goEnd) hungTests(report func(analyze.Finding)) {
	if !slices.ContainsFunc(end.p.Exit.Live, func(l *analyze.Live) bool { return startOf(l.Task) == goTestAlarm }) {
		return
	}
	for _, l := range own(end.p.Exit.Live) {
		atWork := l.State == "running" || l.State == "runnable" // where is not known, so that it may be taken for one of testing
		if !atWork && !slices.Contains(end.live, l) {
			continue
		}
		if t := testOfGoroutine(end.run, l.Task); t != nil && !waitsInTesting(l) {
			report(end.hungFinding(t, l))
		}
	}
}

// waitsInTesting reports whether a test waits in what it called of package testing: in T.Run() for a subtest, in T.Parallel() for
// its turn.
func waitsInTesting(l *analyze.Live) bool {
	last := -1
	for i := range l.Awaiting {
		if l.Awaiting[i].User {
			last = i
		}
	}
	return l.State == "suspended" && last >= 0 && last+1 < len(l.Awaiting) && strings.HasPrefix(l.Awaiting[last+1].Qualname, "testing.")
}

func (end *goEnd) hungFinding(t *analyze.Test, l *analyze.Live) analyze.Finding {
	f := analyze.Finding{
		Severity: analyze.Error, At: l.At, Process: end.p, Loop: l.Task.Loop, Tasks: []*analyze.Task{l.Task}, Tests: []*analyze.Test{t},
	}
	f.Message = fmt.Sprintf("%s had not ended when the timeout of go test struck: %s was %s%s", plainTest(t), goTask(l.Task), doing(end.p, l), waited(l, end.endNS))
	var e evidence
	e.add(t.BeginNS, nil, "%s began, %s before the trace ends", plainTest(t), took(end.endNS-t.BeginNS))
	if l.State == "suspended" {
		e.add(max(l.SinceNS, -1), l.At, "%s here%s", waitWords(l.On.Kind), waited(l, end.endNS))
	}
	others := keep(end.live, func(o *analyze.Live) bool { return o != l && ownTest(o.Task) == t && waiting(o) })
	for _, c := range goCrowds(others, ownTest) {
		e.addMade(c)
		e.addWaits(c, end.endNS)
		f.Tasks = append(f.Tasks, tasksOf(c.live)...)
	}
	f.Evidence, f.Fix = e, goFix(holder(l, others))
	return f
}

// holder returns the goroutine to advise on: where a test waits for its goroutines to end or to hand something in, the last of
// them that is stuck on a lock or a send.
func holder(l *analyze.Live, others []*analyze.Live) *analyze.Live {
	if l.On.Kind != "waitgroup" && l.On.Kind != "chan-receive" || mayTime(l) {
		return l
	}
	stuck := keep(others, func(o *analyze.Live) bool {
		return slices.Contains([]string{"mutex", "rwmutex", "once", "chan-send"}, o.On.Kind)
	})
	if len(stuck) == 0 {
		return l
	}
	return sortedBySince(stuck)[0]
}
