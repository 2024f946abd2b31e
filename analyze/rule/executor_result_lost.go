package rule

import (
	"fmt"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

func executorResultLost() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "executor-result-lost", Severity: analyze.Error, Since: "0.1",
			Title: "job in an executor whose loop was closed before its result came",
			Doc: `The loop was closed while a job of run_in_executor() or to_thread() was running, waited in its executor's queue, or had
ended without the loop having run since. The thread goes on, but what it returns or raises has nowhere to go: whoever
awaits it never goes on.

**Reported** as an error where somebody still wanted the result, at the line that submitted the job; as a warning where
nobody waited for it, and where pending-at-close tells of the same close.

**Not reported**: jobs that were awaited, or whose future was cancelled, as wait_for() does after its timeout (see
executor-blocks-exit); jobs that shutdown_default_executor() or asyncio.run() (3.9 and later) waited for.

**Fix**: await the job before the loop is closed, or run loop.shutdown_default_executor() (3.9 and later).

**Known**: up to 3.9 CPython logs "exception calling callback" with "Event loop is closed"; from 3.10 on it says nothing.`,
		},
		Check: checkResultLost,
	}
}

func checkResultLost(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		left := leftAt(p, "job")
		for _, c := range inOrder(left) {
			jobs := slices.DeleteFunc(left[c], func(r *analyze.Resource) bool { return !r.Wanted })
			for _, group := range bySite(jobs) {
				report(resultLost(p, c, group))
			}
		}
	}
}

func resultLost(p *analyze.Process, c *analyze.Close, jobs []*analyze.Resource) analyze.Finding {
	at := jobs[0].At
	f := analyze.Finding{At: at, Process: p, Loop: c.Loop, Close: c, Tasks: owners(jobs), Tests: testsOpening(jobs), Severity: analyze.Warning}
	if slices.ContainsFunc(jobs, func(r *analyze.Resource) bool { return r.Awaited }) {
		f.Severity = analyze.Error
	}
	f.Message = fmt.Sprintf("%s closed the loop while %s of an executor (%s), submitted at %s, %s not done: %s lost",
		closerOf(c), count(len(jobs), "job"), jobNames(jobs), place(p, at), verb(len(jobs), "was", "were"), verb(len(jobs), "its result is", "their results are"))
	var e evidence
	e.add(c.TimeNS, c.At, "the loop was closed here")
	e.addThreads(jobs)
	for _, j := range jobs {
		if j.EndedNS > c.TimeNS && j.State != "finished" {
			e.add(j.EndedNS, nil, "%s ended %s after the close", callName(j.Name), seconds(j.EndedNS-c.TimeNS))
			break
		}
	}
	f.Evidence = e
	f.Fix = resultFix(p, c, at)
	return f
}

func resultFix(p *analyze.Process, c *analyze.Close, at *analyze.Frame) analyze.Fix {
	name := loopName(c.Loop, c)
	if !since(p, 9) {
		return analyze.Fix{
			Summary: fmt.Sprintf("await the job of %s before the main coroutine returns", place(p, at)),
			Code:    lines("job = asyncio.ensure_future(...)  # what "+place(p, at)+" does", "...", "await job  # before the loop is closed"),
		}
	}
	code, waits := awaitJob(p, at, "job", name)
	return analyze.Fix{Summary: fmt.Sprintf("await the job of %s before the main coroutine returns", place(p, at)) + waits, Code: code}
}
