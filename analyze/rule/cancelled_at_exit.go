package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

func cancelledAtExit() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "cancelled-at-exit", Severity: analyze.Warning, Since: "0.1", PerTask: true,
			Title: "tasks cut short by the end of asyncio.run()",
			Doc: `The main coroutine returned while tasks that the program had spawned were not done. asyncio.run() (and Runner.close())
cancels such tasks and awaits that; what they were working on is cut in the middle, without any message.

**Reported** per spawn site, as a warning: nothing leaks, but an upload, a log flush or a reply may have been lost.

**Reported as a note**: tasks that ended by returning when they were cancelled (they were written for it), and tasks that
a library spawned, such as the handlers of a stream server.

**Not reported**: tasks that the program had cancelled itself before, and those of a run that an exception, sys.exit() or
Ctrl-C ended: there the cancelling is the consequence.

**Fix**: await the task before the main coroutine returns, in 3.11+ with a TaskGroup. A task that is meant to run in the
background until the end: cancel and await it, so that the reader sees that it is meant.`,
		},
		Check: checkCancelledAtExit,
	}
}

// cutSite is the tasks of one spawn site that shutdowns of one process cut.
type cutSite struct {
	site  *analyze.Site
	first *analyze.Shutdown
	live  []*analyze.Live
}

func checkCancelledAtExit(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		var sites []*cutSite
		for _, l := range p.Loops {
			for _, s := range l.Shutdowns {
				r := endedRun(l, s)
				if r == nil && outside(l) && s.Handling == "" && len(s.Stack) > 0 && !s.Stack[0].User {
					r = &analyze.LoopRun{} // of a loop that is none of asyncio's: it returned
				}
				sites = addCut(sites, s, r)
			}
		}
		for _, c := range sites {
			report(cutFinding(p, c))
		}
	}
}

// endedRun returns the run whose end a shutdown is, nil if it is not known.
func endedRun(l *analyze.Loop, s *analyze.Shutdown) *analyze.LoopRun {
	var last *analyze.LoopRun
	for _, r := range l.Runs {
		if r.BeginNS <= s.BeginNS && r.EndNS != 0 && r.EndNS <= s.BeginNS {
			last = r
		}
	}
	if last != nil {
		return last
	}
	for _, r := range l.Runs { // only asyncio.run() itself was recorded; it has not ended yet
		if r.BeginNS <= s.BeginNS && r.API == "asyncio.run" {
			return r
		}
	}
	return nil
}

// good reports whether a run ended because its main coroutine returned.
func good(r *analyze.LoopRun) bool {
	if r.Exception != "" || r.Outer != nil && r.Outer.Exception != "" {
		return false
	}
	return r.Target == nil || r.Target.Outcome == "returned"
}

// returned reports whether what a task was made for ended well: its test, else the run.
func returned(t *analyze.Task, l *analyze.Loop, r *analyze.LoopRun) bool {
	test := ownTest(t)
	if test == nil {
		return r != nil && good(r)
	}
	for _, r := range l.Runs { // the teardown of a fixture ends in an exception by design
		if turn := l.Process.TurnAt(r.BeginNS); turn.Test == test && turn.Phase == "call" && !good(r) {
			return false
		}
	}
	return true
}

func addCut(sites []*cutSite, s *analyze.Shutdown, r *analyze.LoopRun) []*cutSite {
	for _, l := range own(s.Live) {
		if !returned(l.Task, s.Loop, r) || r != nil && l.Task == r.Target || l.CancelsSoFar > 0 || l.MustCancel || l.WaiterCancelled || l.Cancelling > 0 || finalizing(l.Task) {
			continue
		}
		i := slices.IndexFunc(sites, func(c *cutSite) bool {
			return sameSite(c.site, l.Task.Site) && ownTest(c.live[0].Task) == ownTest(l.Task) && lenient(c.live[0].Task) == lenient(l.Task)
		})
		if i < 0 {
			i = len(sites)
			sites = append(sites, &cutSite{site: l.Task.Site, first: s})
		}
		sites[i].live = append(sites[i].live, l)
	}
	return sites
}

// finalizing reports whether a task only closes an asynchronous generator that was collected.
func finalizing(t *analyze.Task) bool {
	return t.Site != nil && t.Site.Via == "asyncio/base_events.py:_asyncgen_finalizer_hook"
}

func sameSite(a, b *analyze.Site) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a == b || a.Coro == b.Coro && a.Via == b.Via && a.At != nil && b.At != nil && *a.At == *b.At
}

// lenient reports whether cutting a task is no loss that the program could mind: the task expected its cancellation, or it
// is none of the program's.
func lenient(t *analyze.Task) bool {
	return t.Outcome == "returned" || t.Site == nil || t.Site.At == nil || t.Site.Via != ""
}

func cutFinding(p *analyze.Process, c *cutSite) analyze.Finding {
	f := analyze.Finding{Process: p, Loop: c.first.Loop, Tasks: tasksOf(c.live)}
	if lenient(c.live[0].Task) {
		f.Severity = analyze.Note
	}
	if c.site != nil {
		f.At = c.site.At
	}
	n := len(f.Tasks)
	left := fmt.Sprintf("the main coroutine returned while %s %s not done; %s", theTasks(f.Tasks), verb(n, "was", "were"), runnerName(c.first))
	after := "the main coroutine had returned"
	if t := ownTest(f.Tasks[0]); t != nil {
		left = fmt.Sprintf("%s left %s behind, not done; the end of its loop", plainTest(t), theTasks(f.Tasks))
		after = "the test"
	}
	f.Message = fmt.Sprintf("%s cut %s short without a message", left, verb(n, "it", "them"))
	if c.live[0].Task.Outcome == "returned" {
		f.Message = fmt.Sprintf("%s cancelled %s and waited until %s returned", left, verb(n, "it", "them"), verb(n, "it", "they"))
	}
	var e evidence
	e.add(c.first.BeginNS, c.first.At, "what was left was cancelled here, after %s", after)
	for i, l := range c.live {
		if i < namesShown && l.At != nil {
			e.add(-1, l.At, "%s was waiting here after %s", taskName(l.Task), count(l.Steps, "step"))
		}
	}
	f.Evidence = e
	f.Fix = cutFix(p, c)
	return f
}

// runnerName names what cancelled: asyncio.run() closes a Runner of its own from 3.11 on.
func runnerName(s *analyze.Shutdown) string {
	asyncioRun := false
	for _, f := range s.Stack {
		asyncioRun = asyncioRun || inModule(f, "asyncio/runners.py") && f.Function == "run"
	}
	if !asyncioRun && len(s.Stack) > 0 {
		return "Runner.close()"
	}
	return "asyncio.run()"
}

func cutFix(p *analyze.Process, c *cutSite) analyze.Fix {
	coro, before := spawned(c.site), "the main coroutine returns"
	if ownTest(c.live[0].Task) != nil {
		before = "the test ends"
	}
	if c.site != nil && strings.HasSuffix(c.site.Via, "streams.py:connection_made") {
		return handlersFix(p)
	}
	if since(p, 11) {
		return analyze.Fix{Summary: "await the task before " + before + "; a TaskGroup does it for all of them", Code: lines("async with asyncio.TaskGroup() as group:", "    group.create_task("+coro+")", "    ...", "# here all of them have ended")}
	}
	return analyze.Fix{Summary: "keep the task and await it before " + before, Code: lines("task = asyncio.create_task("+coro+")", "...", "await task  # before returning")}
}
