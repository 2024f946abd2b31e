package rule

import (
	"fmt"
	"slices"

	"github.com/looptrace/looptrace/analyze"
)

func subprocessOutlivesLoop() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "subprocess-outlives-loop", Severity: analyze.Error, Since: "0.1",
			Title: "child process that nobody waited for when its loop was closed",
			Doc: `A loop was closed while a child process that it had started was running, or had ended without the loop having heard
of it. Nobody can wait for the child through asyncio any more: its exit status and what it still writes are lost.

**Reported** for every close() that closed a loop with such children, at the line that started them: as an error where the
child was still running, as a warning where it had ended. At the normal end of a process whose loop was never closed, as a
warning.

**Not reported**: children whose wait() or communicate() is over; those whose transport was closed, which kills them.

**Fix**: terminate() the child where that is due, and await wait() or communicate() before the loop is closed.

**Known**: up to 3.11 the child runs on and CPython warns "Loop that handles pid N is closed"; from 3.12 on it is killed
when its transport is collected, and nothing is said.`,
		},
		Check: checkSubprocess,
	}
}

func checkSubprocess(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		left := leftAt(p, "subprocess")
		for _, c := range inOrder(left) {
			for _, group := range bySite(left[c]) {
				report(subprocessLeft(p, c, group))
			}
		}
		if !endedNormally(p) {
			continue
		}
		var atExit []*analyze.Resource
		for _, r := range p.Resources {
			if r.Kind == "subprocess" && r.Moment == "exit" && r.State == "running" {
				atExit = append(atExit, r)
			}
		}
		for _, group := range bySite(atExit) {
			report(subprocessLeft(p, nil, group))
		}
	}
}

// subprocessLeft is the finding about children of one line; c is nil where the loop was never closed.
func subprocessLeft(p *analyze.Process, c *analyze.Close, left []*analyze.Resource) analyze.Finding {
	at := left[0].At
	running := slices.ContainsFunc(left, func(r *analyze.Resource) bool { return r.State == "running" })
	f := analyze.Finding{At: at, Process: p, Loop: left[0].Loop, Close: c, Tasks: owners(left), Tests: testsOpening(left)}
	if !running || c == nil {
		f.Severity = analyze.Warning
	}
	state := verb(len(left), "was", "were") + " still running"
	if !running {
		state = "had ended without anybody having waited for " + verb(len(left), "it", "them")
	}
	who := fmt.Sprintf("%d child %s started at %s", len(left), verb(len(left), "process", "processes"), place(p, at))
	var e evidence
	if c != nil {
		f.Message = fmt.Sprintf("%s closed the loop while %s %s", closerOf(c), who, state)
		e.add(c.TimeNS, c.At, "the loop was closed here")
	} else {
		f.Message = fmt.Sprintf("the process ended, its loop never closed, while %s %s", who, state)
		e.add(p.Exit.TimeNS, nil, "the process ended with the loop open")
	}
	for i, r := range left {
		if i == namesShown {
			break
		}
		e.add(r.TimeNS, r.At, "process %d was started here and %s", r.PID, map[bool]string{true: "is running", false: "has ended, its exit status was not delivered"}[r.State == "running"])
	}
	if running && c != nil {
		if since(p, 12) {
			e.add(-1, nil, "Python %d.%d kills the child when its transport is collected", p.Version[0], p.Version[1])
		} else {
			e.add(-1, nil, "the child goes on without anybody to wait for it")
		}
	}
	f.Evidence = e
	name := variableOf(at, "proc")
	f.Fix = analyze.Fix{
		Summary: "end the child process and wait for it before the loop is closed",
		Code:    lines("try:", "    ...", "finally:", "    if "+name+".returncode is None:", "        "+name+".terminate()", "    await "+name+".wait()"),
	}
	return f
}
