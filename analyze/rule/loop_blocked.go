package rule

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/looptrace/looptrace/analyze"
)

func loopBlocked() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "loop-blocked", Severity: analyze.Warning, Since: "0.2",
			Title: "step that held the event loop",
			Doc: `A task or callback did not give the loop back for a tenth of a second or longer: it called something that blocks
(time.sleep(), a synchronous HTTP or database client, a file on a slow disk, a lock of threading) or computed. Until it
went on to its next await, no other task ran, no timer fired and nothing was read or answered.

**Reported** once for each line, with how often, how long at most and how long in all. The line was seen from outside
while the step was running; where looptrace may not look (on macOS, or without the permission to read a child's memory)
the coroutine is named instead. It is a warning if the line was seen and somebody was kept waiting: timers were overdue
when the step ended, or other tasks of the loop were there. Otherwise it is a note.

**Not reported**: time in which the process was stopped, in a debugger, or waited for a CPU because the machine was busy;
what blocks before the loop runs, or in another thread; a forked
child's copy of the loop that it was forked in; the work of the recorder itself.

**Fix**: await the asynchronous form of the call, or hand it to a thread with asyncio.to_thread() (3.9 and later) or
loop.run_in_executor(); a long computation to a process pool.` + loopBlockedGo,
		},
		Check: checkLoopBlocked, CheckGo: checkBlockedGo,
	}
}

// Durations, in ns of a step without what the machine took.
const (
	heldNS       = int64(analyze.LongStepNS)
	unseenNS     = int64(200 * time.Millisecond) // to tell of steps into which nobody could look
	missedNS     = int64(500 * time.Millisecond) // the same where others were seen
	waitsWarnNS  = int64(200 * time.Millisecond) // a call that blocks
	worksWarnNS  = int64(400 * time.Millisecond) // a computation that made timers late
	worksAloneNS = int64(time.Second)            // a computation while other tasks were there
	repeatsNS    = int64(500 * time.Millisecond) // shorter ones at the same line, together
	blockTasks   = 50                            // named in a finding
)

// blockage is every long step that was held by one line.
type blockage struct {
	process *analyze.Process
	held
	steps              []*analyze.LongStep
	longest            *analyze.LongStep
	longestNS, totalNS int64 // of what the step itself took
	samples            int   // of which seen saw the line
	warns              bool
	waitedNS           int64 // of steps for which somebody waited
	late, others       int
	ready, ongoing     int
	lateNS             int64
}

func checkLoopBlocked(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		var found []*blockage
		sampled := hasSamples(run)
		for _, s := range p.LongSteps {
			if inherited(s) || ofRecorder(s) {
				continue
			}
			found = blocked(found, s, sampled)
		}
		for _, b := range found {
			b.settle()
			report(b.finding())
		}
		ownSteps(run, p)
		if n := unseen(p, sampled); n > 0 {
			undecided(run, "loop-blocked", fmt.Sprintf("%swhere %s of %s and more spent the time is not known: nothing could look into the process while it ran", inProcess(run, p), count(n, "step"), seconds(unseenNS)))
		}
	}
}

func hasSamples(run *analyze.Run) bool {
	return slices.ContainsFunc(run.Processes, func(p *analyze.Process) bool {
		return slices.ContainsFunc(p.LongSteps, func(s *analyze.LongStep) bool { return len(s.Samples) > 0 })
	})
}

// unseen counts the steps that nobody looked into although they took long, where nobody could.
func unseen(p *analyze.Process, sampled bool) int {
	n := 0
	for _, s := range p.LongSteps {
		if !sampled && s.EndNS-s.BeginNS >= unseenNS && !inherited(s) {
			n++
		}
	}
	return n
}

// blocked adds a step to the blockages.
func blocked(found []*blockage, s *analyze.LongStep, sampled bool) []*blockage {
	took := s.EndNS - s.BeginNS
	var h held
	if len(s.Samples) == 0 {
		if took < unseenNS || sampled && took < missedNS || s.Task == nil || s.Task.Site == nil || s.Task.Site.Def.File == "" {
			return found
		}
		def := s.Task.Site.Def
		h = held{how: unseenHow, at: &def}
	} else {
		var ok bool
		if h, ok = look(s); !ok {
			return found
		}
		took = h.ns
	}
	i := slices.IndexFunc(found, func(b *blockage) bool {
		if b.process != s.Process || b.how != h.how {
			return false
		}
		if h.how == works { // its lines differ from step to step: those of all steps together say where it is
			return compareFrames(b.outer, h.outer) == 0 && (h.outer != nil || b.call == h.call)
		}
		return compareFrames(b.at, h.at) == 0 && (h.at != nil || b.call == h.call)
	})
	if i < 0 {
		i = len(found)
		found = append(found, &blockage{process: s.Process, held: h})
	}
	found[i].add(s, h, took)
	return found
}

// settle finds the line of a computation from the samples of all its steps.
func (b *blockage) settle() {
	if b.how != works || len(b.steps) == 1 {
		return
	}
	var all []analyze.StepSample
	for _, s := range b.steps {
		all = append(all, s.Samples...)
	}
	var stack []analyze.Frame
	b.at, stack, b.seen = agreed(all)
	if len(stack) == 0 {
		return
	}
	b.inner, b.call = &stack[0], callAt(b.at, stack, works)
}

func (b *blockage) add(s *analyze.LongStep, h held, took int64) {
	b.steps = append(b.steps, s)
	b.totalNS += took
	seen := b.seen
	b.samples += len(s.Samples)
	if b.longest == nil || took > b.longestNS {
		b.longest, b.longestNS, b.held = s, took, h
	}
	b.seen = h.seen
	if len(b.steps) > 1 {
		b.seen += seen
	}
	if !s.Ended {
		b.ongoing++
	}
	ready, others := s.Ready, s.Others
	if h.how != works { // tasks of one kind that compute one after the other take no time from each other
		ready, others = ready+s.ReadySiblings, others+s.Siblings
	}
	late := s.LateNS >= heldNS/2 && ready+s.Late > 0
	b.late, b.lateNS = max(b.late, s.Late), max(b.lateNS, s.LateNS)
	b.ready, b.others = max(b.ready, ready), max(b.others, others)
	switch h.how {
	case waits:
		if late || others > 0 {
			b.waitedNS += took
			b.warns = b.warns || took >= waitsWarnNS || b.waitedNS >= repeatsNS
		}
	case works:
		if late {
			b.waitedNS += took
		}
		b.warns = b.warns || took >= worksWarnNS && late && s.LateNS >= worksWarnNS/2 || took >= worksAloneNS && others > 0 || b.waitedNS >= 2*repeatsNS
	}
}

func (b *blockage) finding() analyze.Finding {
	f := analyze.Finding{At: b.at, Process: b.process, Loop: b.longest.Loop, Severity: analyze.Note, Message: b.message()}
	if b.warns {
		f.Severity = analyze.Warning
	}
	if b.at == nil { // not the program's own line
		f.Severity = analyze.Note
	}
	for _, s := range b.steps {
		if s.Task != nil && !slices.Contains(f.Tasks, s.Task) && len(f.Tasks) < blockTasks {
			f.Tasks = append(f.Tasks, s.Task)
		}
	}
	f.Evidence = b.evidence()
	f.Fix = b.fix()
	return f
}

// who names what held the loop.
func (b *blockage) who() string {
	switch {
	case b.how == unseenHow:
		return "a step of " + b.longest.Task.Site.Coro + "()"
	case b.how == imports:
		return "an import"
	case b.how == interpreterLock:
		return "another thread, which had the interpreter lock,"
	case b.call != "":
		return b.call + "()"
	case b.how == starts:
		return "starting or ending a thread or process" + inFunction(b.at)
	case b.how == works:
		return "a computation" + inFunction(b.at)
	case b.at == nil:
		return "a library"
	}
	return "a call" + inFunction(b.at)
}

func (b *blockage) message() string {
	m := b.who() + " held the event loop"
	if n := len(b.steps); n > 1 {
		m += fmt.Sprintf(" %d times, for %s at most and %s in all", n, seconds(b.longestNS), seconds(b.totalNS))
	} else {
		m += " for " + seconds(b.longestNS)
	}
	if t := b.longest.Task; t != nil && b.sameTask() {
		m += ", in " + theTask(t)
	}
	switch {
	case b.late > 0:
		return m + fmt.Sprintf(": %s up to %s late", count(b.late, "timer")+" fired", seconds(b.lateNS))
	case b.ready > 0:
		return m + fmt.Sprintf(": %s that %s ready had to wait", count(b.ready, "step"), verb(b.ready, "was", "were"))
	case b.others > 0:
		return m + fmt.Sprintf(": %s could not run meanwhile", count(b.others, "other task"))
	}
	return m
}

func (b *blockage) evidence() []analyze.Evidence {
	var e evidence
	s := b.longest
	what := "a callback began here"
	if s.Task != nil {
		what = "a step of " + theTask(s.Task) + " began"
	}
	took := s.EndNS - s.BeginNS
	if s.Ended {
		what += ", and gave the loop back after " + seconds(took)
	} else {
		what += fmt.Sprintf(", and had not given the loop back %s later, when the recording stops", seconds(took))
	}
	if off := took - b.longestNS; off > took/5 {
		what += fmt.Sprintf("; for %s of this it waited for a CPU or was not seen", seconds(off))
	}
	e.add(s.BeginNS, nil, "%s", what)
	if b.samples > 0 {
		e.add(s.Samples[0].TimeNS, b.at, "%s", b.look())
	}
	if inner := b.inner; inner != nil && (b.at == nil || compareFrames(inner, b.at) != 0) {
		e.add(s.Samples[len(s.Samples)-1].TimeNS, inner, "inside of that it was %s%s", b.doing(), inFunction(inner))
	}
	if b.late > 0 {
		e.add(s.EndNS, nil, "when it gave the loop back, %s overdue, by %s at most", count(b.late, "timer")+verb(b.late, " was", " were"), seconds(b.lateNS))
	}
	if b.ready > 0 {
		e.add(s.EndNS, nil, "%s ready before it began and ran only now", readySteps(b.ready)+verb(b.ready, " was", " were"))
	}
	if b.others > 0 {
		e.add(s.EndNS, nil, "%s of this loop could not run meanwhile", count(b.others, "other task"))
	}
	return e
}

// look says what the samples saw.
func (b *blockage) look() string {
	text := fmt.Sprintf("it was at this line in %d of %s", b.seen, count(b.samples, "sample"))
	switch b.how {
	case waits:
		return text + ", waiting"
	case works:
		return text + ", computing"
	case interpreterLock:
		return text + ", waiting for the interpreter lock"
	}
	return text
}

func (b *blockage) doing() string {
	if b.how == works {
		return "computing"
	}
	return "waiting"
}

// byVotes sorts lines by their number of votes, then by place.
func byVotes(list []*vote) {
	slices.SortStableFunc(list, func(a, b *vote) int {
		return cmp.Or(cmp.Compare(b.n, a.n), compareFrames(a.at, b.at))
	})
}

func readySteps(n int) string {
	if n == 1 {
		return "1 step or callback"
	}
	return fmt.Sprintf("%d steps or callbacks", n)
}
