package analyze

import (
	"fmt"
	"slices"
	"sort"
)

// finish completes the run at the end of the events.
func (b *builder) finish() *Run {
	h := b.src.Health()
	for _, p := range b.procs {
		b.exit(p)
		p.finish(h)
		b.waited.open(p)
	}
	b.finishFiles()
	b.pairTwins()
	ShareDirs(b.run.Processes)
	run := b.run
	slices.SortFunc(run.Tasks, func(a, c *Task) int { return a.ID - c.ID })
	slices.SortStableFunc(run.Closes, func(a, c *Close) int {
		switch {
		case a.TimeNS < c.TimeNS:
			return -1
		case a.TimeNS > c.TimeNS:
			return 1
		}
		return 0
	})
	nameWakers(run.Tasks)
	for i, c := range run.Closes {
		c.Index = i
	}
	for _, sc := range b.sites.all {
		run.Folded = append(run.Folded, sc.SiteCount)
	}
	if b.timeline != nil {
		run.Timeline = b.timeline.settle(run.Tasks)
	}
	if b.waited != nil {
		run.Waited = b.waited.settle()
	}
	b.health(h.Events, h.Dropped, h.Truncated, h.Notes)
	return run
}

// exit fills in what the launcher saw of the command's own process.
func (b *builder) exit(p *proc) {
	info := &b.run.Info
	main := p.pub.PID == info.PID && info.PID != 0
	if !main && (info.PID == 0 || !b.recordsCommand()) {
		main = p == b.procs[0] // a wrapper of the program is the command: the program is what was recorded first
		p.pub.Main = main
		return
	}
	p.pub.Main = main
	x := &p.pub.Exit
	if !main || !info.Ended || x.Reason == "exec" {
		return
	}
	x.Observed = true
	x.Signal = info.Signal
	x.Code = nil
	if info.Signal == 0 {
		code := info.ExitCode
		x.Code = &code
	}
}

// recordsCommand reports whether the command itself is among the recorded processes.
func (b *builder) recordsCommand() bool {
	for _, p := range b.procs {
		if p.pub.PID == b.run.Info.PID {
			return true
		}
	}
	return false
}

func (b *builder) health(events, dropped uint64, truncated bool, notes []string) {
	h := Health{Events: events, Dropped: dropped, Truncated: truncated}
	seen := map[string]bool{}
	note := func(s string) {
		if s != "" && !seen[s] {
			seen[s] = true
			h.Notes = append(h.Notes, s)
		}
	}
	for _, s := range notes {
		note(s)
	}
	for _, s := range b.notes {
		note(s)
	}
	unborn, older, omitted, lost := 0, 0, 0, false
	explained := b.explainedOlder()
	for _, p := range b.procs {
		lost = lost || p.pub.LostNS != 0
		for _, l := range p.loopList {
			if !p.pub.Go() && l.stepped && len(l.pub.Runs) == 0 && len(l.pub.Stack) > 0 {
				note("a loop took steps in no run: its run_forever() or run_until_complete() was replaced, so its runs and waits are not observed, but its tasks are")
			}
			if l.foreign() && l.pub.Class != "" {
				note(fmt.Sprintf("loops of class %s are none of asyncio's: their runs, steps and I/O and the ends of their tasks are not observed; what was live at a shutdown, a close and the exit is", l.pub.Class))
			}
		}
		if p.pub.Go() {
			older += p.unborn - explained[p.pub]
		} else {
			unborn += p.unborn
		}
		omitted += p.omitted
	}
	if omitted > 0 {
		note(fmt.Sprintf("left out: %s of refused calls, handled exceptions, signals and long steps; the first %d of each kind are kept", plural(omitted, "repetition"), maxRepeats))
	}
	if unborn > 0 {
		note(fmt.Sprintf("birth not observed: %s", plural(unborn, "task")))
	}
	if older > 0 {
		note(fmt.Sprintf("older than the trace: %s, of which it is not known who created them", plural(older, "goroutine")))
	}
	ended := b.run.Info.Ended || b.unlaunched()
	if !ended {
		note("the launcher did not see the command end: its exit status is not known")
	}
	if b.cut > 0 {
		note(fmt.Sprintf("lines of parents longer than %d tasks were cut %s", maxLine, plural(b.cut, "time")))
	}
	h.Complete = !truncated && !lost && dropped == 0 && unborn == 0 && ended
	b.run.Health = h
	if b.unlaunched() && b.run.Info.DurationNS == 0 {
		for _, p := range b.procs {
			b.run.Info.DurationNS = max(b.run.Info.DurationNS, p.pub.Exit.TimeNS)
		}
	}
}

// unlaunched reports whether the run is nothing but execution traces of Go programs, which no launcher has to do with.
func (b *builder) unlaunched() bool {
	for _, p := range b.procs {
		if !p.pub.Go() {
			return false
		}
	}
	return len(b.run.Info.Command) == 0 && b.run.Info.PID == 0 && len(b.procs) > 0
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// settleWaits lists the returns of asyncio.wait() that were kept, in order of time.
func (l *loop) settleWaits() {
	for _, list := range l.waitList {
		for i := range *list {
			w := &(*list)[i]
			for _, t := range w.left {
				w.facts.Left = append(w.facts.Left, t.public())
			}
			l.pub.Waits = append(l.pub.Waits, w.facts)
		}
	}
	sort.SliceStable(l.pub.Waits, func(i, j int) bool { return l.pub.Waits[i].TimeNS < l.pub.Waits[j].TimeNS })
}

// explainedOlder counts, by process, the goroutines that are older than the trace and of which nobody asks who created them: the
// first one, and those that are known, as the runtime's own are.
func (b *builder) explainedOlder() map[*Process]int {
	n := map[*Process]int{}
	for _, t := range b.run.Tasks {
		if t.Goroutine() && !t.BirthSeen && (t.Known != "" || t.MainGoroutine()) {
			n[t.Process]++
		}
	}
	return n
}
