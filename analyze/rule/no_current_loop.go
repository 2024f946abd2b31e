package rule

import (
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

const noCurrentText = "There is no current event loop"

func noCurrentLoop() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "no-current-loop", Severity: analyze.Error, Since: "0.2",
			Title: "get_event_loop() in a thread that has no event loop",
			Doc: `asyncio.get_event_loop(), or something that calls it (ensure_future(), gather(), Future(), a Lock or Queue on 3.8 and
3.9), was called in a thread that has no current loop, and was refused with "RuntimeError: There is no current event loop in
thread ...". Outside of the main thread no loop is ever made by asking for one; in the main thread none is after asyncio.run(),
which sets the current loop to None when it ends, and from 3.14 on never.

**Reported** when the error ended a task, a callback, a thread or the process, and where a coroutine or a future was refused
by it. As a warning where get_event_loop() was refused, the program caught the error and went on without a loop.

**Not reported**: asking in order to find out, where the answer is a loop that the program then makes or sets, or a handler
that goes on without a word; and what a library tries and deals with itself.

**Fix**: one asyncio.run() per thread and program, and get_running_loop() inside of it. Where a loop object is needed in a
thread: asyncio.new_event_loop() and set_event_loop(), closed at the end.`,
		},
		Check: checkNoCurrentLoop,
	}
}

func checkNoCurrentLoop(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		for _, m := range misuses(p, noCurrentText) {
			if m.onlyAsked() {
				continue
			}
			caught := analyze.Warning
			via := viaAsyncio(&m)
			if via != "" && via != "get_event_loop" {
				caught = analyze.Error
			}
			f := m.finding(caught)
			set := lastSet(&m)
			f.Message = fmt.Sprintf("%s needs the current event loop, and thread %s has none", apiName(via), m.thread)
			var e evidence = f.Evidence
			if set != nil && set.Loop == nil {
				f.Message += ": " + unsetBy(set)
				e.add(set.TimeNS, set.At, "the current loop of thread %s was set to None here%s", set.Thread, byRun(set))
			} else if m.thread == "MainThread" && since(p, 14) {
				f.Message += " (from 3.14 on none is made by asking for it)"
			} else if m.thread != "MainThread" {
				f.Message += ": only the main thread ever got one by asking for it"
			}
			f.Evidence = e
			f.Fix = noCurrentFix(&m, set)
			report(f)
		}
	}
}

// viaAsyncio returns the function of asyncio that the program called and that asked for the loop, "" if it is not known.
func viaAsyncio(m *misuse) string {
	name := ""
	for i := range m.stack {
		if !inAsyncio(m.stack[i]) {
			break
		}
		if f := m.stack[i].Function; f != "get_event_loop" && f != "_get_event_loop" && f != "" && f[0] != '_' || f == "__init__" {
			name = f
		}
	}
	if name == "__init__" {
		return "a primitive of asyncio"
	}
	if name == "" && m.refusal != nil {
		return "get_event_loop"
	}
	return name
}

func apiName(via string) string {
	switch via {
	case "":
		return "the call"
	case "a primitive of asyncio":
		return via
	}
	return "asyncio." + via + "()"
}

// lastSet returns the last set_event_loop() of the thread before, nil if none was seen.
func lastSet(m *misuse) *analyze.LoopSet {
	var last *analyze.LoopSet
	for i := range m.p.LoopSets {
		if s := &m.p.LoopSets[i]; s.Thread == m.thread && s.TimeNS <= m.timeNS {
			last = s
		}
	}
	return last
}

func unsetBy(s *analyze.LoopSet) string {
	if viaRunner(s.Stack) {
		return "asyncio.run() took the current loop away when it ended"
	}
	return "the program had set it to None"
}

func byRun(s *analyze.LoopSet) string {
	if viaRunner(s.Stack) {
		return ", by asyncio.run() when it ended"
	}
	return ""
}

func noCurrentFix(m *misuse, set *analyze.LoopSet) analyze.Fix {
	if set != nil && set.Loop == nil && viaRunner(set.Stack) {
		return analyze.Fix{
			Summary: fmt.Sprintf("do in one asyncio.run() what is now done before and after %s, or start another one", place(m.p, set.At)),
			Code:    lines("async def main():", "    ...  # all of it", "", "asyncio.run(main())"),
		}
	}
	if l := elsewhere(m); l != nil && m.thread != "MainThread" {
		return analyze.Fix{
			Summary: "hand the work over to the thread that runs the loop, or run a loop of its own in this one",
			Code:    lines("# loop = asyncio.get_running_loop(), handed over by the coroutine that starts the thread", "asyncio.run_coroutine_threadsafe(coro, loop).result()", "# or", "asyncio.run(coro)"),
		}
	}
	return analyze.Fix{
		Summary: "run a loop of its own in this thread; inside of it use asyncio.get_running_loop()",
		Code:    lines("asyncio.run(main())", "# or, where the loop itself is needed", "loop = asyncio.new_event_loop()", "asyncio.set_event_loop(loop)"),
	}
}
