package rule

import (
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

func exceptionNeverRetrieved() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "exception-never-retrieved", Severity: analyze.Error, Since: "0.2",
			Title: "exception that nobody ever asked for",
			Doc: `A task or future failed, and nobody awaited it or asked for its exception. The program goes on as if nothing had
happened.

**Reported** at the line that raised the exception, when asyncio said "Task exception was never retrieved" (or Future, or
_GatheringFuture), whatever the program's exception handler or logging did with it; and at the end of the process for
failed tasks and futures that still exist: while something refers to them, CPython says nothing, and from 3.13 on its
message at exit is lost. A failed handler of a stream server counts as well, and from
3.14 on what asyncio logs as "exception in shielded future", if nothing refers to that future any more.

**Reported as a note**: futures and tasks that are a library's own affair, without a line of the program.

**Not reported**: SystemExit and KeyboardInterrupt, which leave the run of the loop; an exception that a done callback,
gather(), wait_for() or a TaskGroup has asked for.

**Fix**: await the task, in 3.11+ with a TaskGroup. Where it runs in the background, add a done callback that looks at
task.exception(): add_done_callback(tasks.discard) alone looks at nothing.`,
		},
		Check: checkNeverRetrieved,
	}
}

func checkNeverRetrieved(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		for i := range p.Handled {
			h := &p.Handled[i]
			handler := isMessage(h, "Unhandled exception in client_connected_cb")
			if !handler && !h.Forgotten && !strings.HasSuffix(h.Message, "exception was never retrieved") || leavesRun(h.Exception) {
				continue
			}
			future := h.Future
			if isMessage(h, "_GatheringFuture") {
				future = "_GatheringFuture"
			}
			x := lostException{p: p, timeNS: h.TimeNS, loop: h.Loop, task: h.Task, future: future, exception: h.Exception, raised: h.Raised, at: h.At, set: h.Call, handler: handler}
			report(x.neverRetrieved())
		}
		for i := range p.Unread {
			u := &p.Unread[i]
			if leavesRun(u.Exception) || u.Task != nil && u.Task.Inherited != nil {
				continue
			}
			x := lostException{p: p, timeNS: u.TimeNS, loop: u.Loop, task: u.Task, future: u.Future, exception: u.Exception, raised: u.Raised, at: u.At, set: u.Call, atEnd: true}
			report(x.neverRetrieved())
		}
	}
}

func (x *lostException) neverRetrieved() analyze.Finding {
	at, own := x.blamed()
	f := analyze.Finding{At: at, Process: x.p, Loop: x.loop}
	if !own {
		f.Severity = analyze.Note
	}
	if x.task != nil {
		f.Tasks = []*analyze.Task{x.task}
	}
	f.Message = fmt.Sprintf("%s failed with %s, and nobody ever asked for its exception", x.what(), x.exception)
	var e evidence
	failed := x.timeNS
	if x.task != nil && x.task.EndedNS != 0 {
		failed = x.task.EndedNS
	}
	switch {
	case x.at != nil:
		e.add(failed, at, "%s was raised here and ended %s", x.exception, x.what())
	case x.set != nil:
		e.add(failed, at, "the only line that sets exceptions: %s ended %s", x.exception, x.what())
	default:
		e.add(failed, nil, "%s ended %s", x.exception, x.what())
	}
	e.spawnedAt(x.task)
	switch {
	case x.handler:
		e.add(x.timeNS, nil, "asyncio closed the connection and told the loop's exception handler")
	case x.atEnd:
		e.add(x.timeNS, nil, "at the end of the process something still referred to it, so that the interpreter had said nothing")
	default:
		e.add(x.timeNS, nil, "it was collected, and the loop's exception handler was told that nobody had asked")
	}
	f.Evidence = e
	f.Fix = x.retrieve()
	return f
}

// retrieve says how to learn of the exception in time.
func (x *lostException) retrieve() analyze.Fix {
	if x.handler {
		return analyze.Fix{Summary: "handle the error in the handler of the connection, and close the writer there", Code: lines(
			"async def handle(reader, writer):", "    try:", "        ...", "    except Exception:", `        logging.exception("connection failed")`,
			"    finally:", "        writer.close()")}
	}
	if x.task == nil {
		return analyze.Fix{Summary: "await the future, or give it a done callback that looks at its exception", Code: "result = await future"}
	}
	coro := spawned(x.task.Site)
	code := []string{
		"def ended(task):", "    if not task.cancelled() and task.exception() is not None:",
		`        logging.error("%s failed", task.get_name(), exc_info=task.exception())`, "",
		"task = asyncio.create_task(" + coro + ")", "task.add_done_callback(ended)",
	}
	if since(x.p, 11) {
		code = append([]string{"async with asyncio.TaskGroup() as group:", "    group.create_task(" + coro + ")", "", "# or, for a task in the background:"}, code...)
	}
	return analyze.Fix{Summary: "await " + taskName(x.task) + ", or look at its exception in a done callback", Code: lines(code...)}
}
