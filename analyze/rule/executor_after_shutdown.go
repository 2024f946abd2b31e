package rule

import (
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// Words of the refusals of an executor.
const (
	defaultShutText     = "Executor shutdown has been called"
	poolShutText        = "cannot schedule new futures after shutdown"
	interpreterShutText = "cannot schedule new futures after interpreter shutdown"
)

func executorAfterShutdown() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "executor-after-shutdown", Severity: analyze.Error, Since: "0.2",
			Title: "job for an executor that was shut down",
			Doc: `A job was given to an executor (run_in_executor(), to_thread(), a name look-up) after its shutdown, and was refused with
"RuntimeError: Executor shutdown has been called" (the loop's default executor, 3.9+) or "cannot schedule new futures after
shutdown". The job never ran.

**Reported** for every refused call, with the line that had shut the executor down. As a warning where the program caught the error.

**Not reported**: what a library tries and deals with itself.

**Fix**: hand out the last job, and await it, before the shutdown. asyncio.run() shuts the default executor down after it has
cancelled what is left: clean-up that needs a thread belongs into the main coroutine.`,
		},
		Check: checkExecutorAfterShutdown,
	}
}

func checkExecutorAfterShutdown(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		for _, m := range misuses(p, defaultShutText, poolShutText, interpreterShutText) {
			f := m.finding(analyze.Warning)
			var e evidence = f.Evidence
			f.Message, f.Fix = "a job was given to an executor that had been shut down; it never ran", executorFix(m.words)
			if m.words == interpreterShutText {
				f.Message = "a job was given to an executor while the interpreter was shutting down; it never ran"
			}
			if at, timeNS := shutDownAt(&m); at != nil {
				f.Message = strings.Replace(f.Message, "that had been shut down", "that "+place(p, at)+" had shut down", 1)
				e.add(timeNS, at, "the executor was shut down here%s", inFunction(at))
			}
			f.Evidence = e
			report(f)
		}
	}
}

// shutDownAt returns where and when (-1: not known) the executor was shut down.
func shutDownAt(m *misuse) (*analyze.Frame, int64) {
	if m.refusal == nil {
		return nil, -1
	}
	if at := firstUser(m.refusal.Closed); at != nil {
		return at, -1
	}
	if l := m.refusal.Loop; l != nil && m.words == defaultShutText {
		return l.ExecutorEnd.At, l.ExecutorEnd.TimeNS
	}
	return nil, -1
}

func executorFix(words string) analyze.Fix {
	if words == interpreterShutText {
		return analyze.Fix{Summary: "finish the work before the main thread ends: nothing can be started from atexit on", Code: "asyncio.run(main())  # main() awaits every job"}
	}
	if words == defaultShutText {
		return analyze.Fix{
			Summary: "await the last job before the default executor is shut down",
			Code:    lines("result = await loop.run_in_executor(None, job)", "...", "await loop.shutdown_default_executor()  # last; asyncio.run() does it"),
		}
	}
	return analyze.Fix{
		Summary: "await the last job before the executor is shut down",
		Code:    lines("with concurrent.futures.ThreadPoolExecutor() as pool:", "    result = await loop.run_in_executor(pool, job)", "# none behind the with"),
	}
}
