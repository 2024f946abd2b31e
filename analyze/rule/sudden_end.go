package rule

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

func killedBySignal() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "killed-by-signal", Severity: analyze.Error, Since: "0.1",
			Title: "process ended by a signal",
			Doc: `A signal ended the process while its loop was open: no finally:, no atexit, no close. The report shows what was
live at the last moment that was recorded.

**Reported** as an error for SIGKILL (also the kernel's out-of-memory killer) and for crashes (SIGSEGV, SIGABRT, SIGBUS,
SIGILL, SIGFPE), as a warning for signals that ask a process to end and that the program does not handle (SIGTERM,
SIGHUP), in both cases only if a loop of the process was open.

**Not reported**: Ctrl-C, which Python turns into KeyboardInterrupt.

**Fix**: handle SIGTERM: loop.add_signal_handler(signal.SIGTERM, main_task.cancel). SIGKILL cannot be handled; look for who
sent it (memory limit, supervisor timeout). For a crash run python -X faulthandler.`,
		},
		Check: checkKilled,
	}
}

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

func checkKilled(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		sig := p.Exit.Signal
		if sig == 0 || sig == 2 || !loopOpen(p) {
			continue
		}
		live := own(p.Exit.Live)
		f := analyze.Finding{Process: p, Tasks: tasksOf(live), Loop: loopOf(p, live)}
		f.Message = fmt.Sprintf("%s ended process %d%s", signalName(sig), p.PID, whileLive(live))
		f.Severity, f.Fix = signalVerdict(sig)
		var e evidence
		e.add(p.Exit.TimeNS, nil, "%s; no finally: block and no atexit handler ran", signalName(sig))
		if !p.Exit.LiveExact && len(live) > 0 {
			e.add(-1, nil, "where the tasks waited is what was last recorded of them")
		}
		f.Evidence = e
		report(f)
	}
}

// signalVerdict tells a death that was done to the program from one that it was asked for.
func signalVerdict(sig int) (analyze.Severity, analyze.Fix) {
	switch sig {
	case 9:
		return analyze.Error, analyze.Fix{Summary: "SIGKILL cannot be handled: find out who sent it (memory limit, supervisor timeout), and write to disk what must survive"}
	case 4, 6, 7, 8, 11:
		return analyze.Error, analyze.Fix{Summary: "the interpreter or an extension crashed: let faulthandler print where", Code: "python -X faulthandler ..."}
	}
	name := signalName(sig)
	return analyze.Warning, analyze.Fix{Summary: "handle " + name + " by cancelling the main task, so that the clean-up runs", Code: lines("main_task = asyncio.current_task()", "asyncio.get_running_loop().add_signal_handler(signal."+name+", main_task.cancel)")}
}

// loopOpen reports whether a loop that the process itself opened was in use and open when the process ended.
func loopOpen(p *analyze.Process) bool {
	if len(own(p.Exit.Live)) > 0 {
		return true
	}
	for _, l := range ownLoops(p) {
		if l.ClosedBy == nil && running(l) != nil {
			return true
		}
	}
	return false
}

// loopOf returns the loop that a sudden end is about.
func loopOf(p *analyze.Process, live []*analyze.Live) *analyze.Loop {
	for _, l := range ownLoops(p) {
		if l.ClosedBy == nil && running(l) != nil {
			return l
		}
	}
	if len(live) > 0 {
		return live[0].Task.Loop
	}
	return nil
}

func whileLive(live []*analyze.Live) string {
	if len(live) == 0 {
		return " while its loop was running"
	}
	tasks := tasksOf(live)
	return " while " + theTasks(tasks) + verb(len(tasks), " was", " were") + " not done"
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
			by = ", called by task " + taskName(p.Exit.Task) + ","
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
