package rule

import (
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/analyze"
)

func callbackException() *Rule {
	return &Rule{
		RuleInfo: analyze.RuleInfo{
			ID: "callback-exception", Severity: analyze.Error, Since: "0.2",
			Title: "exception in a callback of the loop",
			Doc: `A function that the loop called back raised: one given to call_soon(), call_later(), add_done_callback(),
add_reader() or add_signal_handler(), or a method of a protocol. Nobody awaits a callback, so the exception went to the
loop's exception handler, and the program carried on without what the callback was to do.

**Reported** at the line that raised, whatever the program's exception handler or logging did with the message.

**Reported as a note**: errors in callbacks of asyncio or of a library, without a line of the program.

**Not reported**: "Exception in callback StreamReaderProtocol.connection_made…" with CancelledError, an error of CPython
3.11 and 3.12 itself when asyncio.run() cancels the handlers of a stream server (a note of the report says so); a step that asyncio refused (see
task-reentrancy).

**Fix**: handle the error in the callback, or make a task of what it does and await that.`,
			Causes: []analyze.CauseInfo{
				{ID: causeCoroutineCallback, Doc: "A coroutine object was given to call_soon() in place of a function. Make a task of it."},
			},
		},
		Check: checkCallbacks,
	}
}

func checkCallbacks(run *analyze.Run, report func(analyze.Finding)) {
	for _, p := range run.Processes {
		for i := range p.Handled {
			h := &p.Handled[i]
			if h.Exception == "" || h.Refused != "" || !isMessage(h, "Exception in callback", "Fatal error", "Exception in protocol") || knownBug(h) {
				continue
			}
			if h.At == nil && h.Exception == "InvalidStateError" {
				continue // a future that was resolved twice has a rule of its own
			}
			report(callbackFinding(p, h))
		}
	}
}

// knownBug recognises what CPython itself does wrong.
func knownBug(h *analyze.HandledException) bool {
	return h.At == nil && strings.HasPrefix(h.Callback, "StreamReaderProtocol.") ||
		h.Exception == "CancelledError" && strings.HasPrefix(h.Callback, "StreamReaderProtocol.connection_made")
}

func callbackFinding(p *analyze.Process, h *analyze.HandledException) analyze.Finding {
	f := analyze.Finding{Process: p, Loop: h.Loop, At: h.At}
	if h.Coro != "" {
		return coroutineCallback(f, h)
	}
	if f.At == nil && h.CallbackDef != nil && h.CallbackDef.User {
		f.At = h.CallbackDef
	}
	if f.At == nil {
		f.Severity = analyze.Note
	}
	what := "a callback of the loop"
	if h.Callback != "" {
		what = "the callback " + h.Callback + "()"
	} else if !isMessage(h, "Exception in callback") {
		what = "a protocol"
	}
	f.Message = fmt.Sprintf("%s failed with %s; nobody awaits a callback, so the program went on without it", what, h.Exception)
	var e evidence
	e.add(h.TimeNS, f.At, "%s was raised here, and went to the loop's exception handler", h.Exception)
	if h.CallbackDef != nil && h.CallbackDef.User && f.At != h.CallbackDef {
		e.add(-1, h.CallbackDef, "the loop called this function back")
	}
	f.Evidence = e
	f.Fix = analyze.Fix{
		Summary: "handle the error in the callback, or do the work in a task that somebody awaits",
		Code:    lines("def callback(*args):", "    try:", "        ...", "    except Exception:", `        logging.exception("callback failed")`),
	}
	return f
}

// coroutineCallback is about a coroutine object in place of a function.
func coroutineCallback(f analyze.Finding, h *analyze.HandledException) analyze.Finding {
	f.Cause = causeCoroutineCallback
	f.Subjects = []string{"coro:" + h.Coro}
	f.At = h.Call
	if f.At == nil {
		f.Severity = analyze.Warning
	}
	f.Message = fmt.Sprintf("a coroutine of %s() was given to the loop in place of a callback: it cannot be called, and nothing of it ran", h.Coro)
	var e evidence
	e.add(h.TimeNS, f.At, "the loop called the coroutine object, which raised %s", h.Exception)
	f.Evidence = e
	call := callOf(h.Coro)
	f.Fix = analyze.Fix{Summary: "make a task of the coroutine", Code: "task = loop.create_task(" + call + ")  # keep it, and await it"}
	return f
}
