package rule

import (
	"fmt"
	"slices"
	"time"

	"github.com/looptrace/looptrace/analyze"
)

// Causes of deadlock in Go.
const (
	causeNilChannel  = "nil-channel"
	causeEmptySelect = "empty-select"
	causeAllBlocked  = "all-blocked"
	causeUnreachable = "unreachable"
)

const deadlockGo = `

**Go**: reported as far as the trace proves it. A goroutine that is blocked on a nil channel, or in a select without cases,
never goes on (the latter is a note; in the main goroutine it is a way to keep a program running and no finding, and where a
test left it behind it is one of live-at-exit). All
goroutines of the program blocked on channels, locks and wait groups for a second or longer when the trace ends, main's or
those of the running tests among them, with nobody sleeping, at work, in a system call or waiting for the network or a signal,
wait for each other. That is a warning where one of them receives from a channel, which a timer could serve. Go itself says
"all goroutines are asleep" only where nothing traces the program, or looptrace run does; then it is proven. A goroutineleak profile (GOEXPERIMENT=goroutineleakprofile in
Go 1.26) proves that nothing refers to what a goroutine waits for: see --goroutineleak. Not reported: a cycle of locks among
some of the goroutines, for a trace does not say who holds a lock; selects, which may have a timer.`

func goDeadlockCauses() []analyze.CauseInfo {
	return []analyze.CauseInfo{
		{ID: causeNilChannel, Doc: "Go: a goroutine sends to or receives from a channel that is nil, which blocks for ever. Make the channel before it is used."},
		{ID: causeEmptySelect, Doc: "Go: a goroutine is in a select without cases, which blocks for ever. Wait for a context instead."},
		{ID: causeAllBlocked, Doc: "Go: every goroutine of the program waited for another one. Look at the one that should have gone on."},
		{ID: causeUnreachable, Doc: "Go: the garbage collector found that nothing can reach what the goroutine waits for, so that nobody can ever wake it."},
	}
}

func checkDeadlockGo(run *analyze.Run, report func(analyze.Finding)) {
	checkNilChannels(run, report)
	checkAllBlocked(run, report)
	checkUnreachable(run, report)
}

// checkNilChannels reports goroutines that wait for what cannot happen.
func checkNilChannels(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		live := keep(own(p.Exit.Live), func(l *analyze.Live) bool {
			return l.Task.Goroutine() && l.Task.Known == "" && waiting(l) && l.On.Kind == "forever" && l.At != nil &&
				(!emptySelect(l) || !l.Task.MainGoroutine() && !leftByItsTest(p, l))
		})
		for _, c := range goCrowds(live, ownTest) {
			report(foreverFinding(p, c))
		}
	}
}

// leftByItsTest reports whether a goroutine outlived the test that made it, which live-at-exit tells.
func leftByItsTest(p *analyze.Process, l *analyze.Live) bool {
	t := ownTest(l.Task)
	return t != nil && t.EndNS != 0 && t.EndNS <= p.Exit.TimeNS
}

func foreverFinding(p *analyze.Process, c *goCrowd) analyze.Finding {
	l, n := c.main(), len(c.live)
	f := analyze.Finding{Cause: causeNilChannel, At: l.At, Process: p, Loop: l.Task.Loop, Tasks: tasksOf(c.live), Fix: goFix(l)}
	f.Message = fmt.Sprintf("%s %s blocked for ever at %s, on a channel that is nil", c.who(), verb(n, "is", "are"), place(p, l.At))
	if emptySelect(l) {
		f.Cause, f.Severity = causeEmptySelect, analyze.Note
		f.Message = fmt.Sprintf("%s %s blocked for ever at %s, in a select without cases", c.who(), verb(n, "is", "are"), place(p, l.At))
	}
	if c.test != nil {
		f.Tests = []*analyze.Test{c.test}
	}
	var e evidence
	e.addWaits(c, p.Exit.TimeNS)
	e.addMade(c)
	f.Evidence = e
	return f
}

// stoodNS is how long all goroutines must have been blocked.
const stoodNS = int64(time.Second)

// checkAllBlocked reports processes in which nobody is left who could go on.
func checkAllBlocked(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		if p.Exit.Observed && p.Exit.Reason == "exit" {
			continue // somebody ended it
		}
		live := keep(own(p.Exit.Live), func(l *analyze.Live) bool { return l.Task.Goroutine() })
		if p.Exit.Asleep {
			if stuck := keep(live, func(l *analyze.Live) bool { return !wakesNobody(l.Task.Known) && l.State == "suspended" }); len(stuck) > 0 && !slices.ContainsFunc(stuck, onNilChannel) {
				report(allBlockedFinding(p, stuck, -1))
			}
			continue
		}
		stuck, since, ok := allBlocked(run, p, live)
		if ok && p.Exit.TimeNS-since >= stoodNS && !slices.ContainsFunc(stuck, onNilChannel) {
			report(allBlockedFinding(p, stuck, since))
		}
	}
}

// onNilChannel reports whether a goroutine is blocked for ever without having chosen so: it is told by itself, and the others wait
// for it.
func onNilChannel(l *analyze.Live) bool { return l.On.Kind == "forever" && !emptySelect(l) }

// allBlocked returns the goroutines of the program if all of them wait for each other, and since when they do.
func allBlocked(run *analyze.Run, p *analyze.Process, live []*analyze.Live) (stuck []*analyze.Live, since int64, ok bool) {
	waitsInMain := false
	for _, l := range live {
		t := l.Task
		if wakesNobody(t.Known) {
			continue
		}
		hard := l.On.Kind != "select" && l.On.Kind != "sync" && !mayTime(l)
		if t.Known != "" || !blockedByOthers(l) || !hard || l.SinceNS == 0 || emptySelect(l) {
			return nil, 0, false
		}
		waitsInMain = waitsInMain || t.MainGoroutine() || testOfGoroutine(run, t) != nil
		since = max(since, l.SinceNS)
		if !t.MainGoroutine() || !testBinary(run, p) {
			stuck = append(stuck, l)
		}
	}
	return stuck, since, waitsInMain && len(stuck) > 0
}

// wakesNobody reports whether goroutines of a known kind never wake one of the program by themselves.
func wakesNobody(known string) bool {
	switch known {
	case "runtime", "looptrace", "testing", "database/sql", "glog and klog", "go.opencensus.io", "lumberjack":
		return true
	}
	return false
}

// testOfGoroutine returns the test that a goroutine runs, if that has not ended.
func testOfGoroutine(run *analyze.Run, t *analyze.Task) *analyze.Test {
	for _, test := range run.Tests {
		if test.Task == t && test.EndNS == 0 {
			return test
		}
	}
	return nil
}

func allBlockedFinding(p *analyze.Process, stuck []*analyze.Live, since int64) analyze.Finding {
	end := p.Exit.TimeNS
	f := analyze.Finding{Cause: causeAllBlocked, Process: p, Loop: stuck[0].Task.Loop, Tasks: tasksOf(stuck)}
	last := stuck[0]
	for _, l := range stuck {
		if vague := l.On.Kind == "select"; last.On.Kind == "select" && !vague || l.SinceNS > last.SinceNS && (!vague || last.On.Kind == "select") {
			last = l // a loop that waits for work in its select is rarely the fault
		}
		if l.On.Kind == "chan-receive" && since >= 0 {
			f.Severity = analyze.Warning
		}
		if t := ownTest(l.Task); t != nil && !slices.Contains(f.Tests, t) {
			f.Tests = append(f.Tests, t)
		}
	}
	f.At = last.At
	f.Message = fmt.Sprintf("%s was %s, and %s", goTask(last.Task), doing(p, last), othersToo(len(stuck)-1))
	var e evidence
	if since < 0 {
		f.Message = "all goroutines were asleep, and Go ended the program: " + f.Message
		e.add(end, nil, "Go found that no goroutine could go on, nor any timer wake one")
	} else {
		f.Message = fmt.Sprintf("no goroutine could go on for the last %s: %s", took(end-since), f.Message)
	}
	for i, l := range sortedBySince(stuck) {
		if i == maxCallers {
			e.add(-1, nil, "and %s", count(len(stuck)-i, "more goroutine"))
			break
		}
		e.add(l.SinceNS, l.At, "%s (%s) %s here%s", goTask(l.Task), shortFunction(workOf(l)), waitWords(l.On.Kind), waited(l, end))
	}
	f.Evidence, f.Fix = e, goFix(last)
	return f
}

func othersToo(n int) string {
	switch n {
	case 0:
		return "nobody was there to wake it"
	case 1:
		return "so was the only other goroutine of the program"
	}
	return fmt.Sprintf("so were the %d others", n)
}

func sortedBySince(list []*analyze.Live) []*analyze.Live {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *analyze.Live) int {
		switch {
		case a.SinceNS > b.SinceNS:
			return -1
		case a.SinceNS < b.SinceNS:
			return 1
		}
		return 0
	})
	return list
}

// checkUnreachable reports the goroutines that a goroutineleak profile shows.
func checkUnreachable(run *analyze.Run, report func(analyze.Finding)) {
	for i := range run.Unreachable {
		u := &run.Unreachable[i]
		if len(u.Tasks) == 0 {
			continue
		}
		live := make([]*analyze.Live, 0, len(u.Tasks))
		for _, l := range own(u.Process.Exit.Live) {
			if slices.Contains(u.Tasks, l.Task) {
				live = append(live, l)
			}
		}
		for _, c := range goCrowds(live, ownTest) {
			report(unreachableFinding(u, c))
		}
	}
}

func unreachableFinding(u *analyze.Unreachable, c *goCrowd) analyze.Finding {
	l, n := c.main(), len(c.live)
	f := analyze.Finding{Cause: causeUnreachable, At: c.at, Process: c.p, Loop: l.Task.Loop, Tasks: tasksOf(c.live), Fix: goFix(l)}
	if f.At == nil {
		f.At = l.At
	}
	f.Message = fmt.Sprintf("%s leaked: %s, and nothing can reach what %s for", c.who(), doing(c.p, l), verb(n, "it waits", "they wait"))
	if c.test != nil {
		f.Tests = []*analyze.Test{c.test}
	}
	var e evidence
	e.addWaits(c, c.p.Exit.TimeNS)
	e.addMade(c)
	e.add(-1, nil, "the goroutineleak profile counts %s with this stack", count(u.Count, "goroutine"))
	f.Evidence = e
	return f
}
