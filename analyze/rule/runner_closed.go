package rule

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

func runnerClosed() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "runner-closed", Severity: analyze.Error, Since: "0.2",
			Title: "use of an asyncio.Runner that is closed",
			Doc: `run(), get_loop() or a with statement was used on an asyncio.Runner (3.11+) after its close(), and was refused with
"RuntimeError: Runner is closed". The end of a with statement closes the runner; it cannot be opened again.

**Reported** for every refused call, with the line that had closed the runner. As a warning where the program caught the error.

**Not reported**: close() of a closed runner, which does nothing.

**Fix**: use the runner inside of its with statement only; make a new one for what comes later.

**Known**: a coroutine that was handed to the refused run() is reported as "never awaited" too.`,
		},
		Check: checkRunnerClosed,
	}
}

func checkRunnerClosed(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		for _, m := range misuses(p, "Runner is closed") {
			f := m.finding(analyze.Warning)
			f.Message = "a Runner was used after it had been closed; the call was refused"
			if m.refusal != nil {
				if at := firstUser(m.refusal.Closed); at != nil {
					f.Message += fmt.Sprintf("; %s had closed it", place(p, at))
					var e evidence = f.Evidence
					e.add(-1, at, "the runner was closed here%s", inFunction(at))
					f.Evidence = e
				}
			}
			f.Fix = analyze.Fix{
				Summary: "use the runner inside of its with statement, or make a new one",
				Code:    lines("with asyncio.Runner() as runner:", "    runner.run(first())", "    runner.run(second())  # here, not behind the with"),
			}
			report(f)
		}
	}
}
