package rule

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

func abruptExit() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "abrupt-exit", Severity: analyze.Error, Since: "0.1",
			Title: "os._exit() or exec under a live loop",
			Doc: `The program left through os._exit() or replaced itself with exec while a loop of its own was running or had tasks
that were not done: no finally:, no atexit, no flush, no close.

**Reported** when such a loop was there.

**Not reported**: the os._exit() with which multiprocessing ends a forked worker, and one in a forked child that only
inherited its parent's loop and tasks.

**Fix**: let the main coroutine return or raise SystemExit, and pass the exit code to sys.exit() after the run.`,
		},
		Check: checkAbruptExit,
	}
}

func checkAbruptExit(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		if p.Exit.Reason != "os._exit" && p.Exit.Reason != "exec" || leftByLibrary(p) || !loopOpen(p) {
			continue
		}
		live := own(p.Exit.Live)
		at := firstUser(p.Exit.Stack)
		f := analyze.Finding{At: at, Process: p, Tasks: tasksOf(live), Loop: loopOf(p, live)}
		call := "os._exit()"
		if p.Exit.Reason == "exec" {
			call = "exec"
		}
		by := ""
		if p.Exit.Task != nil {
			by = ", called by " + theTask(p.Exit.Task) + ","
		}
		f.Message = fmt.Sprintf("%s%s ended the program%s: no finally:, no atexit and no close() ran", call, by, whileLive(live))
		var e evidence
		e.add(p.Exit.TimeNS, at, "%s in thread %s", call, p.Exit.Thread)
		if f.Loop != nil && f.Loop.At != nil {
			e.add(f.Loop.OpenedNS, f.Loop.At, "the loop, never closed, was opened here")
		}
		f.Evidence = e
		f.Fix = abruptFix(p, at)
		report(f)
	}
}

func abruptFix(p *analyze.Process, at *analyze.Frame) analyze.Fix {
	if p.Exit.Reason == "exec" {
		return analyze.Fix{Summary: "leave the loop first, then exec", Code: lines("asyncio.run(main())  # main() returns what to do next", "os.execv(...)")}
	}
	code := "N"
	if p.Exit.Code != nil {
		code = fmt.Sprint(*p.Exit.Code)
	}
	return analyze.Fix{
		Summary: fmt.Sprintf("let the main coroutine return instead of calling os._exit() at %s, and exit after the run", place(p, at)),
		Code:    lines("async def main():", "    ...", "    return "+code+"  # cancels nothing by itself: cancel and await the tasks before", "", "sys.exit(asyncio.run(main()))"),
	}
}
