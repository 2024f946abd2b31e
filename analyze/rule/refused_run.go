package rule

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// checkRefusals reports the refused runs of one kind.
func checkRefusals(run *analyze.Run, reason string, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		for i := range p.Refusals {
			r := &p.Refusals[i]
			if r.Reason != reason || consequence(p, r) {
				continue
			}
			f := analyze.Finding{
				At: r.At, Process: p, Loop: cmp.Or(r.Loop, r.Other),
				Message:  refusalMessage(p, r),
				Evidence: refusalEvidence(p, r),
				Fix:      refusalFix(p, r),
			}
			if reason == "already-running" && r.Loop != nil && r.Loop.Inherited != nil {
				f.Cause = causeForkInherited
			}
			if r.Task != nil {
				f.Tasks = []*analyze.Task{r.Task}
			}
			if from := caller(r.Stack); r.At == nil || from != nil && installed(*from) && f.Cause == "" {
				f.Severity = analyze.Warning // a library may try, and go on in another way
			}
			if asserted(r.Expected, r.Stack) {
				f.Severity, f.Asserted = analyze.Note, true
			}
			report(f)
		}
	}
}

// consequence reports whether asyncio itself attempted the run, to clean up behind one that was refused: Runner.close().
func consequence(p *analyze.Process, r *analyze.RunRefusal) bool {
	viaRunner := false
	for _, f := range r.Stack {
		viaRunner = viaRunner || inModule(f, "asyncio/runners.py") && (f.Function == "close" || f.Function == "__exit__")
	}
	if !viaRunner {
		return false
	}
	for i := range p.Refusals {
		o := &p.Refusals[i]
		if o != r && o.TimeNS <= r.TimeNS && o.Reason == "nested-run" && o.Thread == r.Thread && o.Task == r.Task {
			return true
		}
	}
	return false
}

func refusalMessage(p *analyze.Process, r *analyze.RunRefusal) string {
	by := "by a callback of a loop"
	if r.Task != nil {
		by = "inside " + theTask(r.Task) + ", which a loop was running"
	}
	switch r.Reason {
	case "nested-run":
		return fmt.Sprintf("%s() was called %s; it was refused and ran nothing", nestedAPI(r), by)
	case "other-loop":
		return fmt.Sprintf("%s() of a second loop was called %s; it was refused and ran nothing", cmp.Or(r.API, "run_until_complete"), by)
	}
	if r.Loop != nil && r.Loop.Inherited != nil {
		return fmt.Sprintf("a forked child called %s() of the loop that it inherited: its copy is marked as running, as it was in the parent", r.API)
	}
	if open := refusedBy(r); open != nil && open.Thread != r.Thread {
		return fmt.Sprintf("thread %s called %s() of a loop that thread %s was running; it was refused and ran nothing", r.Thread, r.API, open.Thread)
	}
	return fmt.Sprintf("%s() was called %s already; it was refused and ran nothing", r.API, by)
}

// nestedAPI names a refused asyncio.run() or Runner.run().
func nestedAPI(r *analyze.RunRefusal) string {
	if strings.HasPrefix(r.Message, "Runner.") {
		return "Runner.run"
	}
	if r.API == "run" || r.API == "" {
		return "asyncio.run"
	}
	return r.API
}

// refusedBy returns the run that was under way when r was refused.
func refusedBy(r *analyze.RunRefusal) *analyze.LoopRun {
	for _, l := range []*analyze.Loop{r.Other, r.Loop} {
		if l != nil {
			if open := runningAt(l, r.TimeNS); open != nil {
				return open
			}
		}
	}
	return nil
}

func refusalEvidence(p *analyze.Process, r *analyze.RunRefusal) []analyze.Evidence {
	var e evidence
	e.add(r.TimeNS, r.At, "refused: %s", cmp.Or(r.Message, r.Reason))
	if open := refusedBy(r); open != nil {
		e.add(open.BeginNS, open.At, "the running loop was started here, by %s() in thread %s", open.API, open.Thread)
	}
	if r.Other != nil && r.Loop != nil && r.Loop.At != nil {
		e.add(r.Loop.OpenedNS, r.Loop.At, "the second loop was opened here")
	}
	if r.Task != nil && r.Task.Site != nil && r.Task.Site.At != nil {
		e.add(r.Task.SpawnedNS, r.Task.Site.At, "%s was spawned here", theTask(r.Task))
	}
	if open := refusedBy(r); open == nil && r.Loop != nil && r.Loop.Inherited != nil {
		e.add(-1, nil, "the loop belongs to the parent process %d of this forked child", parentPID(p))
	}
	return e
}

func parentPID(p *analyze.Process) int {
	if p.Parent == nil {
		return 0
	}
	return p.Parent.PID
}

func refusalFix(p *analyze.Process, r *analyze.RunRefusal) analyze.Fix {
	coro := attemptedCall(r)
	if r.Loop != nil && r.Loop.Inherited != nil {
		return analyze.Fix{Summary: "use a loop of its own in the child, or start it with spawn", Code: lines(`ctx = multiprocessing.get_context("spawn")`, "# in the child:", "asyncio.run("+coro+")")}
	}
	if open := refusedBy(r); open != nil && open.Thread != r.Thread && r.Reason == "already-running" {
		name := cmp.Or(objectOf(r.At, "run_until_complete", "run_forever"), "loop")
		return analyze.Fix{Summary: "hand the coroutine over to the thread that runs the loop", Code: "asyncio.run_coroutine_threadsafe(" + coro + ", " + name + ").result()"}
	}
	code := lines("# "+place(p, r.At)+inFunction(r.At)+": make the function async and await", "await "+coro)
	name := "the_function"
	if r.At != nil && r.At.Function != "" && r.At.Function[0] != '<' {
		name = r.At.Function
	}
	if r.Task == nil {
		return analyze.Fix{Summary: "a callback cannot wait: spawn a task instead", Code: "task = asyncio.get_running_loop().create_task(" + coro + ")  # keep a reference"}
	}
	thread := "await asyncio.get_running_loop().run_in_executor(None, " + name + ", ...)"
	if since(p, 9) {
		thread = "await asyncio.to_thread(" + name + ", ...)"
	}
	if r.Reason == "already-running" {
		return analyze.Fix{Summary: "await the coroutine instead of running the loop", Code: code}
	}
	return analyze.Fix{Summary: "await the coroutine instead, or call the synchronous function in a thread", Code: lines(code, "# or leave the function as it is and call it from the coroutine with", thread)}
}
