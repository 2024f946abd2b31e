package rule

import (
	"cmp"
	"fmt"

	"github.com/looptrace/looptrace/analyze"
)

func useAfterClose() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "use-after-close", Severity: analyze.Error, Since: "0.1",
			Title: "use of a loop that is closed",
			Doc: `Something was asked of a loop after it had been closed, and asyncio refused it with "RuntimeError: Event loop is
closed". The report shows both ends: who used the loop, and who had closed it.

**Reported** for every refused call, one finding per line that made it. Typical: a client object keeps the loop of the
first asyncio.run() and is used in the second one; a thread hands over its result too late; a library closed a loop that
is not its own (cause library-closed-foreign-loop).

**Reported as a note**: a refused call of a finalizer of asyncio or a library. Its transport or process was not closed in
time, but no line of the program made the call.

**Not reported**: calls that a closed loop allows, as close(), stop(), is_closed() and create_future(); a call that must be
refused, as a test says: pytest.raises(), assertRaises().

**Fix**: one owner per loop: who opens it closes it, last. Make clients inside the coroutine that uses them, and close
them there.

**Known**: a coroutine that was handed to the refused call is reported as "never awaited" too. Finalizers of subprocess
transports print this error at garbage collection when the loop was closed before the process had ended.` + useAfterCloseGo,
			Causes: []analyze.CauseInfo{
				{ID: causeForeignLoop, Doc: "A library closed a loop that it neither opened nor ran. A library must close its own loop only."},
			},
		},
		Check: checkUseAfterClose, CheckGo: checkUseAfterCloseGo,
	}
}

func checkUseAfterClose(run *analyze.Run, report func(analyze.Finding)) {
	type key struct {
		loop *analyze.Loop
		at   analyze.Frame
	}
	for _, p := range run.Processes {
		seen := map[key]bool{}
		for i := range p.Uses {
			u := &p.Uses[i]
			at := blamed(u)
			k := key{loop: u.Loop}
			if at != nil {
				k.at = *at
			}
			if seen[k] {
				continue
			}
			seen[k] = true
			report(useFinding(p, u, at))
		}
	}
}

// blamed returns the line of the program that used the loop. What is on the stack below a finalizer of somebody else was
// only interrupted by the garbage collection, and is not to blame.
func blamed(u *analyze.UseAfterClose) *analyze.Frame {
	if !u.Finalizer {
		return u.At
	}
	for i := range u.Stack {
		if u.Stack[i].User {
			return &u.Stack[i]
		}
		if u.Stack[i].Function == "__del__" {
			return nil
		}
	}
	return nil
}

func useFinding(p *analyze.Process, u *analyze.UseAfterClose, at *analyze.Frame) analyze.Finding {
	f := analyze.Finding{At: at, Process: p, Loop: u.Loop}
	if u.Task != nil {
		f.Tasks = []*analyze.Task{u.Task}
	}
	f.Asserted = asserted(u.Expected, u.Stack)
	if at == nil || f.Asserted {
		f.Severity = analyze.Note
	}
	var closed *analyze.Close
	if u.Loop != nil {
		closed = u.Loop.ClosedBy
	}
	if closed != nil && foreignCloser(closed, closed.Before) != "" {
		f.Cause = causeForeignLoop
	}
	f.Message = useMessage(p, u, closed)
	var e evidence
	e.add(u.TimeNS, at, "%s() refused: Event loop is closed", cmp.Or(u.Call, "the call"))
	if closed != nil {
		e.add(closed.TimeNS, closed.At, "the loop had been closed%s%s", inFunction(closed.At), implicitly(closed))
	}
	if u.Loop != nil && u.Loop.At != nil {
		e.add(u.Loop.OpenedNS, u.Loop.At, "the loop was opened here")
	}
	f.Evidence = e
	f.Fix = useFix(p, u, closed)
	return f
}

func implicitly(c *analyze.Close) string {
	if c.Implicit {
		return " by the garbage collection"
	}
	return ""
}

func useMessage(p *analyze.Process, u *analyze.UseAfterClose, closed *analyze.Close) string {
	what := cmp.Or(u.Call, "a call") + "()"
	if u.Call == "" {
		what = "a call"
	}
	by := "thread " + u.Thread
	if u.Thread == "MainThread" || u.Thread == "" {
		by = "the program"
	}
	if u.Task != nil {
		by = theTask(u.Task)
	}
	if u.Finalizer {
		by = "a finalizer"
	}
	msg := fmt.Sprintf("%s used a loop that was closed: %s was refused", by, what)
	if closed != nil && closed.At != nil {
		msg += "; " + place(p, closed.At) + " had closed it"
	}
	return msg
}

func useFix(p *analyze.Process, u *analyze.UseAfterClose, closed *analyze.Close) analyze.Fix {
	name := cmp.Or(objectOf(u.At, "run_until_complete", "run_forever", "create_task"), loopName(u.Loop, closed))
	switch {
	case u.Finalizer:
		return analyze.Fix{Summary: "close the resource in the coroutine that used it, before the loop is closed, not when it is collected", Code: lines("try:", "    ...", "finally:", "    await resource.aclose()  # writer.close(); await writer.wait_closed(); await process.wait()")}
	case u.Call == "call_soon_threadsafe" || u.Call == "run_coroutine_threadsafe":
		if u.Thread == "MainThread" {
			return analyze.Fix{Summary: "stop and close the loop last, when nobody calls into it any more", Code: lines(name+".call_soon_threadsafe("+name+".stop)  # after the last call", "thread.join()")}
		}
		return analyze.Fix{Summary: "end the thread before the loop is closed", Code: lines("thread.join()", name+".close()")}
	case closed == nil || closed.At == nil:
		return analyze.Fix{Summary: "use a loop only as long as it is open", Code: "asyncio.run(main())"}
	case viaRunner(closed.Stack):
		return analyze.Fix{
			Summary: fmt.Sprintf("%s opens a loop and closes it when it returns: make what belongs to the loop inside the coroutine, and once per run", place(p, closed.At)),
			Code:    lines("async def main():", "    client = ...  # made in the loop that uses it", "    ...", "", "asyncio.run(main())  # one run for all"),
		}
	}
	return analyze.Fix{
		Summary: fmt.Sprintf("close the loop once, after its last use, instead of at %s; or open a new one for every run", place(p, closed.At)),
		Code:    lines("# instead of "+name+".close() at "+place(p, closed.At)+": after the last use", name+".close()"),
	}
}

// viaRunner reports whether asyncio.run() or a Runner made the call.
func viaRunner(stack []analyze.Frame) bool {
	for _, f := range stack {
		if inModule(f, "asyncio/runners.py") {
			return true
		}
	}
	return false
}
