package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

// fix returns what to change, in code for this program and its version of Python.
func (cl *closing) fix(g group) analyze.Fix {
	name := loopName(cl.Loop, cl.Close)
	at := place(cl.Process, cl.At)
	if cl.secondGeneration(g) != "" {
		return cl.inCleanUp(g)
	}
	clean := cl.clean(name)
	switch g.cause {
	case causeTooLate:
		return analyze.Fix{Summary: "await the task before the main coroutine returns, so that it gets to run", Code: lines("task = asyncio.create_task("+coroOf(g)+")", "...", "await task  # before returning")}
	case causeCrashed:
		return cl.crashFix(g, name)
	case causeNotAwaited:
		return analyze.Fix{Summary: "cancel() is only a request: run the loop until the tasks have ended, then close", Code: clean}
	case causeSwallowed:
		return analyze.Fix{Summary: "let the cancellation through" + where(cl, g), Code: lines("try:", "    ...", "except asyncio.CancelledError:", "    ...  # clean up, without waiting for long", "    raise", "", clean)}
	case causeInterrupted:
		return analyze.Fix{Summary: "after Ctrl-C cancel what is left and run the loop until it has ended", Code: lines("try:", "    "+cl.runCall(name), "except KeyboardInterrupt:", "    pass", "finally:", indent(drain(cl.Process, name)))}
	case causeStopInTask, causeStopSignal:
		return analyze.Fix{Summary: "cancel the main task instead of stopping the loop, and cancel what it leaves", Code: lines(cancelMain(name, cl.main, cl.stop), drain(cl.Process, name))}
	case causeErrorSkipped:
		return analyze.Fix{Summary: "cancel and await the tasks in the finally: too, not only on the good way", Code: lines("try:", "    "+cl.runCall(name), "finally:", indent(drain(cl.Process, name)))}
	case causeForeignLoop:
		return analyze.Fix{Summary: "let " + cl.closer + " work on a loop of its own, and close the shared one only where it was opened", Code: lines("own = asyncio.new_event_loop()", "try:", "    own.run_until_complete(...)", "finally:", "    own.close()")}
	case causeSiblings, causeShield, causeWaitTimeout, causeServerHandlers, causeExecutor:
		return cl.insideFix(g)
	}
	n := len(cl.left)
	if cl.At == nil && ownTest(cl.left[0].Task) != nil { // the test runner closes the loop
		return analyze.Fix{Summary: "cancel the " + verb(n, "task", "tasks") + " and await that before the test ends", Code: lines("task.cancel()", "await asyncio.gather(task, return_exceptions=True)")}
	}
	summary := fmt.Sprintf("cancel the %s and run the loop until %s ended before %s closes it", verb(n, "task", "tasks"), verb(n, "it has", "they have"), at)
	if main := cl.plainMain(name); main != "" {
		summary += ", or let asyncio.run(" + main + ") do all of it"
	}
	return analyze.Fix{Summary: summary, Code: clean}
}

// clean returns the code that ends the tasks, and where it belongs. A with statement closes the loop by itself.
func (cl *closing) clean(name string) string {
	at := place(cl.Process, cl.At)
	if objectOf(cl.At, "close") != "" {
		return lines("# instead of the close() at "+at+":", drain(cl.Process, name))
	}
	before := "# before " + at + " closes the loop:"
	if strings.HasPrefix(textOf(cl.At), "with ") {
		before = "# at the end of the with block of " + at + ":"
	}
	return lines(before, strings.TrimSuffix(drain(cl.Process, name), "\n"+name+".close()"))
}

// plainMain returns what asyncio.run() could run in place of the program's own loop: "main()". "" where the loop belongs to an
// object, is run more than once, or runs for ever.
func (cl *closing) plainMain(name string) string {
	if cl.main == nil || cl.main.API == "run_forever" || strings.Contains(name, ".") || len(ran(cl.Loop, cl.TimeNS)) != 1 {
		return ""
	}
	return mainCall(cl.main)
}

// insideFix returns the fixes that belong into a coroutine.
func (cl *closing) insideFix(g group) analyze.Fix {
	switch g.cause {
	case causeSiblings:
		if since(cl.Process, 11) {
			return analyze.Fix{Summary: "use a TaskGroup: it cancels the rest when one fails, and waits for them", Code: lines("async with asyncio.TaskGroup() as group:", "    for coro in coros:", "        group.create_task(coro)")}
		}
		return analyze.Fix{Summary: "keep the tasks, and cancel the rest when one fails", Code: lines("tasks = [asyncio.ensure_future(c) for c in coros]", "try:", "    await asyncio.gather(*tasks)", "finally:", "    for task in tasks:", "        task.cancel()", "    await asyncio.gather(*tasks, return_exceptions=True)")}
	case causeShield:
		return analyze.Fix{Summary: "after the timeout cancel the shielded task itself, or await it", Code: lines("try:", "    await asyncio.wait_for(asyncio.shield(inner), timeout)", "except asyncio.TimeoutError:", "    inner.cancel()", "    await asyncio.gather(inner, return_exceptions=True)")}
	case causeWaitTimeout:
		return analyze.Fix{Summary: "cancel and await what asyncio.wait() gives back as pending", Code: lines("done, pending = await asyncio.wait(tasks, timeout=...)", "for task in pending:", "    task.cancel()", "await asyncio.gather(*pending, return_exceptions=True)")}
	case causeServerHandlers:
		return handlersFix(cl.Process)
	}
	code, waits := awaitJob(cl.Process, g.live[0].At, "task", loopName(cl.Loop, cl.Close))
	return analyze.Fix{Summary: "await the job before the loop is closed" + waits, Code: code}
}

// handlersFix ends the handlers of a stream server in time.
func handlersFix(p *analyze.Process) analyze.Fix {
	if since(p, 13) {
		return analyze.Fix{Summary: "close the connections of the server, and wait for it, before the main coroutine returns", Code: lines("server.close()", "server.close_clients()", "await server.wait_closed()", "await asyncio.gather(*handlers, return_exceptions=True)  # handlers: a set of their current_task()")}
	}
	return analyze.Fix{Summary: "keep the handlers' tasks, and end them after the server before the main coroutine returns", Code: lines("handlers.add(asyncio.current_task())  # first line of the handler", "...", "server.close()", "for task in handlers:", "    task.cancel()", "await asyncio.gather(*handlers, return_exceptions=True)")}
}

func (cl *closing) crashFix(g group, name string) analyze.Fix {
	if cl.Handling.Type == "AttributeError" && strings.Contains(cl.crash.Text, ".cancel(") {
		var calls []string
		for _, l := range g.live {
			if l.Task.Site != nil && l.Task.Site.Coro != "" && len(calls) < namesShown {
				if call := name + ".create_task(" + spawned(l.Task.Site) + ")"; !slices.Contains(calls, call) {
					calls = append(calls, call)
				}
			}
		}
		return analyze.Fix{Summary: "keep the Task objects: a coroutine has no cancel()", Code: lines("tasks = ["+strings.Join(calls, ", ")+"]", "...", "for task in tasks:", "    task.cancel()", name+".run_until_complete(asyncio.gather(*tasks, return_exceptions=True))")}
	}
	return analyze.Fix{Summary: fmt.Sprintf("repair %s, and make the cancelling independent of it", place(cl.Process, cl.crash)), Code: lines("try:", "    "+strings.TrimSpace(orDots(cl.crash.Text)), "finally:", indent(drain(cl.Process, name)))}
}

// runCall returns the call that ran the loop.
func (cl *closing) runCall(name string) string {
	if cl.main != nil && cl.main.API == "run_forever" {
		return name + ".run_forever()"
	}
	return name + ".run_until_complete(" + mainCall(cl.main) + ")"
}

// where names the line at which the first task of a group waits that went on, rather than waited for one that did.
func where(cl *closing, g group) string {
	for _, held := range []bool{false, true} {
		for _, l := range g.live {
			if l.At != nil && heldUp(l) == held {
				return " around " + place(cl.Process, l.At)
			}
		}
	}
	return ""
}

// coroOf returns a call of the coroutine that the first task of a group runs.
func coroOf(g group) string {
	return spawned(g.live[0].Task.Site)
}

func orDots(s string) string {
	if s == "" {
		return "..."
	}
	return s
}
