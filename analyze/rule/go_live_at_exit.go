package rule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/looptrace/looptrace/analyze"
)

// liveAtExitGo is the part of the rule's documentation that is about Go.
const liveAtExitGo = `

**Go**: a goroutine that was blocked when the test that made it ended, itself or through other goroutines, and never ended
after that, is an error of this test, also where tests run in parallel: each such place is one finding, with the go statement
that made it, and where it waits since when. When main() returned and goroutines were blocked, that is a warning if nobody is
left who could end them (their creator has ended, they wait to send or for a lock, or several were made one after the
other), else a note: a goroutine may be meant to live as long as the program. Not reported: goroutines that ran, were ready to run
or had just been woken, if their test had ended less than a tenth of a second before; those that ended soon after their test; the main goroutine; goroutines of the runtime, of testing
and of well-known libraries (idle connections of net/http, the pool of database/sql), which are folded; traces that do not
show how the process ended, as a snapshot of a server, unless tests did. Where too little was seen after the test to be sure
(the goroutine is in one sleep since, or others of this test were still at work) it is a note. A test that had not ended
when the timeout of go test struck is an error, with the line where it hangs. What was made under a sync.Once, or served
other tests later, is a note, and so is all that was blocked when the program ended with a status other than 0. Fix: tell the goroutine to end (close its channel, cancel its context) and wait for it.`

func checkLiveAtExitGo(run *analyze.Run, report func(analyze.Finding)) {
	told := toldBefore(run)
	for _, p := range run.Processes {
		live := keep(goroutinesOf(own(p.Exit.Live)), func(l *analyze.Live) bool { return !told[l.Task] })
		end := &goEnd{run: run, p: p, live: live, endNS: p.Exit.TimeNS, tests: testBinary(run, p)}
		end.hungTests(report)
		end.leftByTests(report)
		end.leftByMain(report)
		if known := whyKnown(p.Exit.Live); known != "" {
			remark(run, fmt.Sprintf("%sgoroutines that are no leak by themselves were folded at the end: %s", inProcess(run, p), known))
		}
	}
}

// goEnd is the end of the trace of a Go process.
type goEnd struct {
	run   *analyze.Run
	p     *analyze.Process
	live  []*analyze.Live // goroutines of the program
	endNS int64
	tests bool // it is a test binary
}

// toldBefore returns the goroutines that other rules tell of.
func toldBefore(run *analyze.Run) map[*analyze.Task]bool {
	told := map[*analyze.Task]bool{}
	note := func(f analyze.Finding) {
		if f.Severity != analyze.Note || f.Cause == causeEmptySelect {
			for _, t := range f.Tasks {
				told[t] = true
			}
		}
	}
	checkNilChannels(run, note)
	checkUnreachable(run, note)
	checkAllBlocked(run, note)
	checkSeenCloses(run, note)
	checkLeakGo(run, note)
	return told
}

// testBinary reports whether a process is one of go test.
func testBinary(run *analyze.Run, p *analyze.Process) bool {
	return slices.ContainsFunc(run.Tests, func(t *analyze.Test) bool { return t.Process == p })
}

// leftByTests reports what tests left behind: blocked when they ended, and until the trace does; or at work still, though they
// had time enough to end.
func (end *goEnd) leftByTests(report func(analyze.Finding)) {
	left := keep(end.live, func(l *analyze.Live) bool {
		t := ownTest(l.Task)
		return t != nil && t.EndNS != 0 && t.EndNS <= end.endNS && !takesTurns(l) && !end.inPassing(l) &&
			(waiting(l) || l.State != "not-started" && end.endNS-t.EndNS >= patienceNS)
	})
	for _, c := range goCrowds(left, ownTest) {
		if f, ok := end.ofTest(c); ok {
			report(f)
		}
	}
}

// ofTest judges what a test left of one place. Where little was seen after the test, a goroutine counts only if nobody of the
// same test is left who could wake it.
func (end *goEnd) ofTest(c *goCrowd) (analyze.Finding, bool) {
	after := end.endNS - c.test.EndNS
	why := ""
	l := c.main()
	severity := analyze.Error
	switch {
	case madeOnce(l.Task):
		severity, why = analyze.Note, "it was made under a sync.Once: other tests may use it as well"
	case servedLater(c), end.acceptedLater(c, l):
		severity, why = analyze.Note, "it worked for other tests later"
	case l.On.Kind == "sleep" && after >= patienceNS && !sleepsOn(c):
		severity, why = oneSleep(after)
	case after >= patienceNS:
	case l.On.Kind == "syscall", l.On.Kind == "io" && after < patienceNS/10, l.On.Kind == "sleep":
		severity, why = analyze.Note, fmt.Sprintf("the trace ends %s after the test, so it may be that it was about to end", took(after))
	case end.others(c.test, c):
		severity, why = analyze.Note, fmt.Sprintf("the trace ends %s after the test, and other goroutines of it were still at work and may have ended it", took(after))
	case mayTime(l):
		severity, why = analyze.Warning, fmt.Sprintf("the trace ends %s after the test, and a timer may have ended it", took(after))
	}
	f := analyze.Finding{Severity: severity, At: cmp.Or(c.at, l.At), Process: end.p, Loop: l.Task.Loop, Tasks: tasksOf(c.live), Tests: []*analyze.Test{c.test}}
	n := len(c.live)
	f.Message = fmt.Sprintf("%s left %s %s: %s", plainTest(c.test), c.who(), doing(end.p, l), verb(n, "it never ended", "they never ended"))
	if strings.Contains(why, "end") && severity != analyze.Error { // not for ever
		f.Message = fmt.Sprintf("%s left %s %s: %s not ended when the trace ends, %s later",
			plainTest(c.test), c.who(), doing(end.p, l), verb(n, "it has", "they have"), took(after))
	}
	var e evidence
	e.add(c.test.EndNS, nil, "%s ended, and the trace goes on for %s", plainTest(c.test), took(after))
	e.addMade(c)
	e.addWaits(c, end.endNS)
	if why != "" {
		e.add(-1, nil, "%s", why)
	}
	f.Evidence, f.Fix = e, goFix(l)
	return f, true
}

// inPassing reports whether a goroutine was in a system call that it had just begun, in a library: it is at work.
func (end *goEnd) inPassing(l *analyze.Live) bool {
	inProgram := slices.ContainsFunc(l.Awaiting, func(f analyze.Frame) bool { return f.User })
	return len(l.Awaiting) > 0 && !inProgram && l.On.Kind == "syscall" && l.SinceNS != 0 && !l.SinceLeast && end.endNS-l.SinceNS < patienceNS
}

// longSleepNS is how long a goroutine must have slept on after its test to be accused, if it may end after that sleep.
const longSleepNS = int64(time.Second)

// sleepsOn reports whether goroutines sleep again and again, also after their test.
func sleepsOn(c *goCrowd) bool {
	return slices.ContainsFunc(c.live, func(l *analyze.Live) bool {
		return l.Task.LastWake != nil && l.Task.LastWake.TimeNS > c.test.EndNS
	})
}

// oneSleep says how bad it is that a goroutine slept for so long after its test: it may end by itself after that.
func oneSleep(after int64) (analyze.Severity, string) {
	if after >= longSleepNS {
		return analyze.Warning, "it may end when it has slept"
	}
	return analyze.Note, "it may end when it has slept"
}

// others reports whether another goroutine of a test was still at work, or asleep.
func (end *goEnd) others(t *analyze.Test, c *goCrowd) bool {
	return slices.ContainsFunc(end.live, func(l *analyze.Live) bool {
		return (t == nil || l.Task.Test == t) && !slices.Contains(c.live, l) && !blockedByOthers(l) && l.On.Kind != "io"
	})
}

// takesTurns reports whether a goroutine is an iterator that waits for another goroutine, which made it and is left too: that one
// is to stop it.
func takesTurns(l *analyze.Live) bool {
	by := l.Task.Parent
	return l.On.Kind == "coroutine" && startOf(l.Task) == "runtime.corostart" && by != nil && by.EndedNS == 0 && !by.MainGoroutine()
}

// madeOnce reports whether a goroutine was made under a sync.Once: whoever came first did so for all.
func madeOnce(t *analyze.Task) bool {
	for n := 0; t != nil && n < maxParents; n, t = n+1, t.Parent {
		if t.Site == nil || startOf(t) == "testing.tRunner" {
			return false
		}
		for i, f := range t.Site.Stack {
			if strings.HasPrefix(f.Qualname, "sync.(*Once).") || strings.HasPrefix(f.Qualname, "sync.Once") {
				return !onceEach(t.Site.Stack[i:])
			}
		}
	}
	return false
}

// onceEach reports whether a sync.Once is one of many, each of a value that nobody shares: that of a context.AfterFunc.
func onceEach(stack []analyze.Frame) bool {
	for _, f := range stack {
		if !strings.HasPrefix(f.Qualname, "sync.") {
			return strings.HasPrefix(f.Qualname, "context.")
		}
	}
	return false
}

// servedLater reports whether one of the goroutines was woken, after the test that made it had ended, by another test.
func servedLater(c *goCrowd) bool {
	return slices.ContainsFunc(c.live, func(l *analyze.Live) bool {
		w := l.Task.LastWake
		return w != nil && w.TimeNS > c.test.EndNS && w.By != nil && w.By.Test != nil && w.By.Test != c.test
	})
}

// acceptedLater reports whether a goroutine that waits for the network did something for it after its test had ended, while
// another test ran: it may be a server for all.
func (end *goEnd) acceptedLater(c *goCrowd, l *analyze.Live) bool {
	return l.On.Kind == "io" && l.SinceNS-c.test.EndNS > briefNS && slices.ContainsFunc(end.run.Tests, func(t *analyze.Test) bool {
		return t != c.test && t.Process == end.p && t.BeginNS < l.SinceNS && (t.EndNS == 0 || t.EndNS > l.SinceNS)
	})
}

// leftByMain reports what was blocked when main() returned and no test made.
func (end *goEnd) leftByMain(report func(analyze.Finding)) {
	x := &end.p.Exit
	left := keep(end.live, func(l *analyze.Live) bool {
		return waiting(l) && !takesTurns(l) && (!end.tests || ownTest(l.Task) == nil)
	})
	if len(left) == 0 {
		return
	}
	if !x.Observed || x.Reason != "exit" || x.Signal != 0 {
		if !end.tests {
			remark(end.run, fmt.Sprintf("%sthe trace does not show how the process ended: that %s %s blocked when the trace ends is no finding; looptrace tasks --at end lists %s",
				inProcess(end.run, end.p), count(len(left), "goroutine"), verb(len(left), "was", "were"), verb(len(left), "it", "them")))
		}
		return
	}
	for _, c := range goCrowds(left, noTest) {
		report(end.ofMain(c))
	}
}

func (end *goEnd) ofMain(c *goCrowd) analyze.Finding {
	l, n := c.main(), len(c.live)
	severity, why := end.exitSeverity(c, l)
	f := analyze.Finding{Severity: severity, At: cmp.Or(c.at, l.At), Process: end.p, Loop: l.Task.Loop, Tasks: tasksOf(c.live)}
	f.Message = fmt.Sprintf("the process ended while %s %s %s: %s", c.who(), verb(n, "was", "were"), doing(end.p, l), why)
	var e evidence
	e.add(end.endNS, nil, "the process ended")
	e.addMade(c)
	e.addWaits(c, end.endNS)
	f.Evidence, f.Fix = e, goFix(l)
	return f
}

// briefNS is how long a goroutine must have waited for its wait to count where others may still wake it.
const briefNS = int64(10 * time.Millisecond)

// exitSeverity says how bad it is that goroutines were blocked when main() returned. One that waits for work may be meant to
// live as long as the program.
func (end *goEnd) exitSeverity(c *goCrowd, l *analyze.Live) (analyze.Severity, string) {
	n := len(c.live)
	_, library := libraryFix(startOf(l.Task))
	t := l.Task
	switch {
	case end.p.Exit.Code != nil && *end.p.Exit.Code != 0 && !end.tests:
		return analyze.Note, fmt.Sprintf("it ended with status %d, which may have been before %s due", *end.p.Exit.Code, verb(n, "its end was", "their ends were"))
	case end.tests, madeInInit(t), madeOnce(t):
		return analyze.Note, "nobody ended " + verb(n, "it", "them")
	case t.Site == nil || !t.Site.Def.User && !library && workOf(l) == startOf(t):
		return analyze.Note, "a library keeps " + verb(n, "it", "them")
	case l.On.Kind == "sleep", l.On.Kind == "syscall", end.endNS-l.SinceNS < briefNS && (end.others(nil, c) || !needsOther(l.On.Kind)):
		return analyze.Note, "main() did not wait for " + verb(n, "it", "them")
	case l.On.Kind == "chan-send":
		return analyze.Warning, "nobody was left to receive"
	case l.On.Kind != "chan-receive" && l.On.Kind != "select" && l.On.Kind != "io" && l.On.Kind != "coroutine":
		return analyze.Warning, "nobody was left to wake " + verb(n, "it", "them")
	case t.Parent != nil && !t.Parent.MainGoroutine() && t.Parent.EndedNS != 0:
		return analyze.Warning, "what made " + verb(n, "it", "them") + " had ended before"
	case n > 1 && end.batches(t.Site) > 1:
		return analyze.Warning, "they were made one after the other, and nobody ended them"
	case library && !t.Site.Def.User:
		return analyze.Warning, "nobody ended " + verb(n, "it", "them")
	}
	return analyze.Note, "nobody told " + verb(n, "it", "them") + " to end"
}

// madeInInit reports whether a goroutine was made while the packages were initialised.
func madeInInit(t *analyze.Task) bool {
	return t.Site != nil && slices.ContainsFunc(t.Site.Stack, func(f analyze.Frame) bool {
		return f.Qualname == "runtime.doInit1" || f.Qualname == "runtime.doInit" || strings.HasSuffix(f.Qualname, ".init") || strings.Contains(f.Qualname, ".init.")
	})
}

// batches returns in how many steps goroutines of a site were made.
func (end *goEnd) batches(s *analyze.Site) int {
	for _, c := range end.run.Folded {
		if c.Site == s {
			return c.Batches
		}
	}
	return 0
}
