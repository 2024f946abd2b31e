package rule

import (
	"fmt"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

func liveAtExit() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "live-at-exit", Severity: analyze.Warning, Since: "0.1", PerTask: true,
			Title: "tasks or goroutines not done when the process or their test ended",
			Doc: `The process ended while tasks were not done and their loop was open. Nobody cancelled them; their finally: blocks did
not run, or ran without being able to await.

**Reported** as a warning at the end of the process, when no other finding tells the same: a loop that was never closed is
reported as loop-never-closed with its tasks, a sudden end as killed-by-signal or abrupt-exit.

**Not reported**: a forked child's copies of its parent's tasks.

**Fix**: cancel the tasks, run the loop until they have ended, and close it, or use asyncio.run().` + liveAtExitGo,
		},
		Check: checkLiveAtExit, CheckGo: checkLiveAtExitGo,
	}
}

func checkLiveAtExit(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		if p.Exit.Signal != 0 || !endedNormally(p) && p.Exit.Reason != "" {
			continue // the sudden end is what is to be told
		}
		var loops []*analyze.Loop
		for _, x := range own(p.Exit.Live) {
			if !slices.Contains(loops, x.Task.Loop) {
				loops = append(loops, x.Task.Loop)
			}
		}
		for _, l := range loops {
			if l != nil {
				report(liveAtExitFinding(p, l))
			}
		}
	}
}

func liveAtExitFinding(p *analyze.Process, l *analyze.Loop) analyze.Finding {
	live := liveOf(p, l)
	f := analyze.Finding{Process: p, Loop: l, Tasks: tasksOf(live)}
	if len(live) > 0 && live[0].Task.Site != nil {
		f.At = live[0].Task.Site.At
	}
	n := len(live)
	f.Message = fmt.Sprintf("the process ended while %s %s not done; nobody cancelled %s", theTasks(f.Tasks), verb(n, "was", "were"), verb(n, "it", "them"))
	var e evidence
	e.add(p.Exit.TimeNS, nil, "the process ended with the loop of %s open", verb(n, "the task", "these tasks"))
	if !p.Exit.Observed {
		f.Severity = analyze.Note
		e.add(-1, nil, "how the process ended was not seen; its recording simply stops")
	}
	if l.At != nil {
		e.add(l.OpenedNS, l.At, "the loop was opened here")
	}
	f.Evidence = e
	f.Fix = neverClosedFix(p, l, running(l))
	return f
}
