package rule

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

func resumedZombie() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "resumed-zombie", Severity: analyze.Warning, Since: "0.1",
			Title: "interrupted main coroutine that the next run continued",
			Doc: `KeyboardInterrupt, SystemExit or another exception left run_until_complete() while its coroutine was still waiting. The
coroutine did not end by that: its task stays pending in the loop, and the next run_until_complete() continues it beside
what that was called for.

**Reported** when such a task took steps in a later run that was called for something else, without having been cancelled.
As a note when it took one or two steps only and returned: it may have been told to end in another way.

**Not reported**: a later run for the same task, which resumes it on purpose; run_forever(); tasks that were cancelled in
between; the runs of asyncio.run()'s own clean-up.

**Fix**: keep the main task; after the interruption cancel it and run the loop until it has ended, before anything else.`,
		},
		Check: checkZombie,
	}
}

func checkZombie(run *analyze.Run, report func(analyze.Finding)) {
	for _, l := range run.Loops {
		for _, r := range l.Runs {
			if z := r.Resumed; z != nil && zombie(l, r, z) {
				report(zombieFinding(l, r, z))
			}
		}
	}
}

func zombie(l *analyze.Loop, r *analyze.LoopRun, z *analyze.Resumption) bool {
	return r.Target != nil && r.Message != stoppedText && !z.Cancelled && r.Target.Outcome != "cancelled" &&
		z.In.Target != nil && z.In.Target != r.Target && !helperRun(z.In) && !inShutdown(l, z.In) && z.In.At != nil && r.At != nil
}

// fewSteps is how many steps a task may take on its way to an end that it was told in another way than by cancel().
const fewSteps = 2

func zombieFinding(l *analyze.Loop, r *analyze.LoopRun, z *analyze.Resumption) analyze.Finding {
	t := r.Target
	f := analyze.Finding{At: r.At, Process: l.Process, Loop: l, Tasks: []*analyze.Task{t}}
	if t.Outcome == "returned" && z.Steps <= fewSteps {
		f.Severity = analyze.Note
	}
	f.Message = fmt.Sprintf("%s left the run at %s, but its main %s was not done: the run at %s continued it for %s",
		r.Exception, place(l.Process, r.At), theTask(t), place(l.Process, z.In.At), count(z.Steps, "step"))
	var e evidence
	e.add(r.EndNS, r.At, "%s left the run while %s was pending", r.Exception, theTask(t))
	if at := firstUser(r.RaisedAt); at != nil {
		e.add(-1, at, "it was raised here")
	}
	e.add(z.In.BeginNS, z.In.At, "the loop was run again for %s; %s took %s meanwhile", theTask(z.In.Target), taskName(t), count(z.Steps, "step"))
	switch t.Outcome {
	case "pending", "collected":
		e.add(-1, nil, "it never ended")
	default:
		e.add(t.EndedNS, nil, "it %s then", outcomeText(t))
	}
	f.Evidence = e
	name := loopName(l, nil)
	f.Fix = analyze.Fix{
		Summary: "cancel the main task after the interruption, and run the loop until it has ended",
		Code: lines("main_task = "+name+".create_task("+mainCall(r)+")", "try:", "    "+name+".run_until_complete(main_task)",
			"except "+r.Exception+":", "    main_task.cancel()", "    "+name+".run_until_complete(asyncio.gather(main_task, return_exceptions=True))"),
	}
	return f
}
