package rule

import (
	"fmt"
	"time"

	"github.com/looptrace/looptrace/analyze"
)

func taskStarved() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "task-starved", Severity: analyze.Note, Since: "0.2",
			Title: "timers that fired late",
			Doc: `Timers of a loop (sleeps, timeouts, call_later()) were overdue by half a second or more before the loop came to
them: something held the loop, or so many tasks were ready at once that their steps together took as long.

**Reported** once for each loop, under loop-blocked where a step that took long explains it.

**Not reported**: lateness during which the loop had next to nothing to do, because then it was the machine that was busy;
that of a loop with a clock of its own.

**Fix**: start fewer tasks at a time (a semaphore, a queue with a few workers), or give work that has no end an
await asyncio.sleep(0) now and then.`,
		},
		Check: checkTaskStarved,
	}
}

const (
	starvedNS = int64(500 * time.Millisecond)
	crowd     = 200 // steps and callbacks that together take long, each of them not
)

func checkTaskStarved(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		for _, l := range p.Loops {
			times, worst := 0, (*analyze.Lateness)(nil)
			blocked := false
			for i := range p.Lateness {
				late := &p.Lateness[i]
				held := 2*late.LongNS >= late.LateNS && toldOf(p, late)
				if late.Loop != l || late.LateNS < starvedNS || !held && late.Begun < crowd {
					continue
				}
				if times++; worst == nil || late.LateNS > worst.LateNS {
					worst, blocked = late, held
				}
			}
			if worst != nil {
				report(starved(p, worst, times, blocked))
			}
		}
	}
}

// toldOf reports whether a long step that made timers late is one that loop-blocked tells of.
func toldOf(p *analyze.Process, late *analyze.Lateness) bool {
	for _, s := range p.LongSteps {
		if s.Loop == late.Loop && s.EndNS <= late.TimeNS && s.EndNS > late.TimeNS-late.LateNS && len(s.Samples) > 0 {
			if _, ok := look(s); ok {
				return true
			}
		}
	}
	return false
}

func starved(p *analyze.Process, worst *analyze.Lateness, times int, blocked bool) analyze.Finding {
	f := analyze.Finding{Process: p, Loop: worst.Loop, At: worst.Loop.At}
	f.Message = fmt.Sprintf("%s of the loop fired up to %s late", count(worst.Count, "timer"), seconds(worst.LateNS))
	if times > 1 {
		f.Message += fmt.Sprintf(", the worst of %d times", times)
	}
	var e evidence
	if blocked {
		e.add(worst.TimeNS, nil, "steps that took long account for %s of it", seconds(worst.LongNS))
	} else {
		e.add(worst.TimeNS, nil, "%s and callbacks ran between two waits of the loop, none of them for long", count(worst.Begun, "step"))
	}
	f.Evidence = e
	f.Fix = analyze.Fix{
		Summary: "let fewer tasks be ready at once, so that the loop comes to its timers in between",
		Code:    lines("limit = asyncio.Semaphore(100)", "", "async def one(item):", "    async with limit:", "        ..."),
	}
	return f
}
