package rule

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

func asyncgenCloseFailed() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "asyncgen-close-failed", Severity: analyze.Error, Since: "0.2",
			Title: "asynchronous generator that could not be closed",
			Doc: `loop.shutdown_asyncgens(), which asyncio.run() calls at its end, closed a generator that had been left before its
end, and that failed: its clean-up raised, it yielded once more, or a task was still iterating it. asyncio hands the
exception to the loop's exception handler and goes on.

**Reported** at the line that raised, else at the line where the iteration began.

**Fix**: cancel and await the task that iterates the generator before the loop shuts down, and make the generator's
finally: safe: no yield in it, and errors handled.`,
		},
		Check: checkAsyncgenClose,
	}
}

func checkAsyncgenClose(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		for i := range p.Handled {
			if h := &p.Handled[i]; isMessage(h, "an error occurred during closing of asynchronous generator") {
				report(asyncgenCloseFinding(p, h))
			}
		}
	}
}

func asyncgenCloseFinding(p *analyze.Process, h *analyze.HandledException) analyze.Finding {
	f := analyze.Finding{Process: p, Loop: h.Loop, At: h.At}
	opened := firstUser(h.Opened)
	if f.At == nil {
		f.At = opened
	}
	if f.At == nil {
		f.Severity = analyze.Note
	}
	name := "an asynchronous generator"
	if h.Asyncgen != "" {
		f.Subjects = []string{"asyncgen:" + h.Asyncgen}
		name = "the asynchronous generator " + h.Asyncgen
	}
	f.Message = fmt.Sprintf("%s could not be closed: %s", name, h.Exception)
	var e evidence
	if h.At != nil {
		e.add(h.TimeNS, h.At, "%s was raised here while the loop closed the generator", h.Exception)
	} else {
		f.Message += "; it was still being iterated, or went on after it had been told to end"
		e.add(h.TimeNS, f.At, "closing the generator failed with %s", h.Exception)
	}
	if opened != nil && opened != f.At {
		e.add(-1, opened, "its iteration began here")
	}
	f.Evidence = e
	f.Fix = analyze.Fix{
		Summary: "end the iteration before the loop shuts down, and make the generator's clean-up safe",
		Code:    lines("task.cancel()  # the one that iterates", "await asyncio.gather(task, return_exceptions=True)", "await items.aclose()"),
	}
	return f
}
