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
sent it (memory limit, supervisor timeout). For a crash run python -X faulthandler.` + killedGo,
		},
		Check: checkKilled, CheckGo: checkKilledGo,
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
