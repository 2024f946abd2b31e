package rule

import (
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

func shutdownException() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "shutdown-exception", Severity: analyze.Error, Since: "0.2",
			Title: "clean-up of a task that failed when asyncio.run() cancelled it",
			Doc: `The main coroutine had returned, and asyncio.run() (or Runner.close()) cancelled what was left. A task raised
another exception than CancelledError then: its except or finally: block failed. Nobody awaits the task any more; asyncio
hands the exception to the loop's exception handler, and the program goes on.

**Reported** at the line that raised.

**Not reported**: tasks that end by CancelledError, or return. A BaseExceptionGroup: it holds the SystemExit or
KeyboardInterrupt of a child of a task group, which had already ended the run.

**Fix**: stop the task before the main coroutine returns: cancel it and await it. Make its clean-up safe at any await.`,
		},
		Check: checkShutdownExceptions,
	}
}

func checkShutdownExceptions(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		for i := range p.Handled {
			h := &p.Handled[i]
			if isMessage(h, "unhandled exception during asyncio.run") && !leavesRun(h.Exception) && !isBaseGroup(h.Exception) {
				report(shutdownFinding(p, h))
			}
		}
	}
}

// isBaseGroup reports whether an exception's type, also as the backport names it, is that of a group with a member that is no Exception.
func isBaseGroup(exception string) bool {
	return exception == "BaseExceptionGroup" || strings.HasSuffix(exception, ".BaseExceptionGroup")
}

func shutdownFinding(p *analyze.Process, h *analyze.HandledException) analyze.Finding {
	x := lostException{p: p, task: h.Task, at: h.At}
	at, own := x.blamed()
	f := analyze.Finding{Process: p, Loop: h.Loop, At: at}
	if !own {
		f.Severity = analyze.Note
	}
	if h.Task != nil {
		f.Tasks = []*analyze.Task{h.Task}
	}
	f.Message = fmt.Sprintf("%s failed with %s in its clean-up when asyncio.run() cancelled it", x.what(), h.Exception)
	var e evidence
	e.add(h.TimeNS, at, "%s was raised here after the cancellation", h.Exception)
	if h.Task != nil && h.Task.CancelledAtShutdown != nil {
		s := h.Task.CancelledAtShutdown
		e.add(s.BeginNS, s.At, "what was left was cancelled here, after the main coroutine had ended")
	}
	e.spawnedAt(h.Task)
	f.Evidence = e
	f.Fix = analyze.Fix{
		Summary: "cancel and await the task before the main coroutine returns, and make its clean-up safe",
		Code:    lines("task.cancel()", "await asyncio.gather(task, return_exceptions=True)  # and look at what it returns"),
	}
	return f
}
