package rule

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

const noRunningText = "no running event loop"

func noRunningLoop() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "no-running-loop", Severity: analyze.Error, Since: "0.2",
			Title: "call that needs a running loop where none runs",
			Doc: `asyncio.create_task(), asyncio.timeout(), asyncio.get_running_loop() or another function that works on the running
loop was called by code that no loop was running, and was refused with "RuntimeError: no running event loop". What it was
given never ran.

**Reported** for create_task() and timeout() whether or not the program caught the error; for everything else when the error
ended a task, a callback, a thread or the process. Typical: create_task() at import time or in __init__() before
asyncio.run(), and in a thread that is not the loop's. As a warning where a timeout() was refused and the error was caught.

**Not reported**: get_running_loop() as a question, its RuntimeError caught; and a create_task() whose refusal was answered
by running the coroutine in a loop instead, or by a handler that goes on without a word.

**Fix**: make the call inside a coroutine. From another thread use asyncio.run_coroutine_threadsafe(coro, loop), with the
loop handed over by the thread that runs it.

**Known**: a coroutine that was handed to the refused call is reported as "never awaited" too.`,
		},
		Check: checkNoRunningLoop,
	}
}

func checkNoRunningLoop(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		for _, m := range misuses(p, noRunningText) {
			if m.onlyAsked() {
				continue
			}
			caught := analyze.Error
			if m.callName("") != "create_task" {
				caught = analyze.Warning
			}
			f := m.finding(caught)
			call := m.callName("get_running_loop")
			f.Message = fmt.Sprintf("asyncio.%s() was called where no loop runs: %s", call, whereNoLoop(&m))
			if l := elsewhere(&m); l != nil {
				var e evidence = f.Evidence
				e.add(l.BeginNS, l.At, "a loop was running in thread %s, started here", l.Thread)
				f.Evidence = e
			}
			f.Fix = noRunningFix(&m)
			report(f)
		}
	}
}

// onlyAsked reports whether the refusal was an answer that its author reckoned with.
func (m *misuse) onlyAsked() bool {
	return m.failure == nil && (m.answered() || m.byLibrary() || m.refusal.Expected != "" && m.refusal.Expected != "asserted")
}

// answered reports whether a loop was made, set or run because there was none: in the handler of the exception, or later in
// the function that had asked.
func (m *misuse) answered() bool {
	if m.refusal == nil {
		return false
	}
	if m.refusal.Handled {
		return true
	}
	for _, l := range m.p.Loops {
		f := sameFunction(l.Stack, m.at)
		if l.OpenedNS > m.timeNS && f != nil && f.Line > m.at.Line && (f.Function != "<module>" || !viaRunner(l.Stack)) {
			return true
		}
	}
	return false
}

// whereNoLoop says what kind of place it was.
func whereNoLoop(m *misuse) string {
	switch {
	case m.thread != "" && m.thread != "MainThread":
		return "thread " + m.thread + " runs none"
	case m.at != nil && m.at.Function == "<module>":
		return "at module level, outside of any coroutine"
	case m.at != nil:
		return m.at.Function + "() was called by plain code, not by a coroutine of a running loop"
	}
	return "plain code called it, not a coroutine of a running loop"
}

// elsewhere returns the run of a loop that was under way in another thread, nil if there was none.
func elsewhere(m *misuse) *analyze.LoopRun {
	for _, l := range m.p.Loops {
		if r := runningAt(l, m.timeNS); r != nil && r.Thread != m.thread {
			return r
		}
	}
	return nil
}

func noRunningFix(m *misuse) analyze.Fix {
	coro := "coro"
	if m.at != nil {
		if arg := createTaskArgument.FindStringSubmatch(m.at.Text); arg != nil && balanced(arg[1]) {
			coro = arg[1]
		}
	}
	if elsewhere(m) != nil {
		return analyze.Fix{
			Summary: "hand the coroutine over to the thread that runs the loop",
			Code:    lines("# in the coroutine that starts the thread: loop = asyncio.get_running_loop()", "future = asyncio.run_coroutine_threadsafe("+coro+", loop)"),
		}
	}
	if m.thread != "" && m.thread != "MainThread" {
		return analyze.Fix{Summary: "run a loop in this thread, or hand the coroutine over to the thread that runs one", Code: "asyncio.run(" + coro + ")"}
	}
	return analyze.Fix{
		Summary: fmt.Sprintf("move what %s does into a coroutine, so that it happens while the loop runs", place(m.p, m.at)),
		Code:    lines("async def main():", "    task = asyncio.create_task("+coro+")  # keep the reference", "    ...", "", "asyncio.run(main())"),
	}
}
