package rule

import (
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

func (w *world) handled(l *analyze.Loop, message, exception string, raised ...analyze.Frame) *analyze.HandledException {
	h := analyze.HandledException{TimeNS: w.tick(), Loop: l, Message: message, Exception: exception, Raised: raised, At: firstUser(raised)}
	w.p.Handled = append(w.p.Handled, h)
	return &w.p.Handled[len(w.p.Handled)-1]
}

func (w *world) dropped(coro string, call *analyze.Frame) *analyze.DroppedCoroutine {
	def := at(60, coro, "async def "+coro+"():")
	w.p.Dropped = append(w.p.Dropped, analyze.DroppedCoroutine{TimeNS: w.tick(), Coro: coro, Def: &def, Call: call, How: "line", Fate: "popped"})
	return &w.p.Dropped[len(w.p.Dropped)-1]
}

// open is a loop that runs and is closed in order.
func (w *world) open() *analyze.Loop {
	l := w.loop()
	w.ran(l, "")
	w.closed(l)
	return l
}

func TestNeverRetrieved(t *testing.T) {
	raise := at(30, "work", "raise ValueError")
	try(t, []scenario{
		{name: "collected", build: func(w *world) {
			l := w.open()
			w.handled(l, "Task exception was never retrieved", "ValueError", raise).Task = w.task(l, "worker", "work")
		}, want: []string{"error exception-never-retrieved@30"}},
		{name: "still referenced", build: func(w *world) {
			l := w.open()
			w.p.Unread = []analyze.UnreadException{{TimeNS: w.tick(), Loop: l, Task: w.task(l, "worker", "work"), Exception: "ValueError", At: &raise}}
		}, want: []string{"error exception-never-retrieved@30"}},
		{name: "raised in a library, task of the program", build: func(w *world) {
			l := w.open()
			w.handled(l, "Task exception was never retrieved", "OSError", lib("asyncio/streams.py", "read")).Task = w.task(l, "reader", "read")
		}, want: []string{"error exception-never-retrieved@20"}},
		{name: "a library's own future", build: func(w *world) {
			w.handled(w.open(), "Future exception was never retrieved", "OSError", lib("asyncio/streams.py", "read")).Future = "Future"
		}},
		{name: "a shielded one that is forgotten", build: func(w *world) {
			w.handled(w.open(), "exception in shielded future", "ValueError", raise).Forgotten = true
		}, want: []string{"error exception-never-retrieved@30"}},
		{name: "a shielded one that somebody keeps", build: func(w *world) {
			w.handled(w.open(), "exception in shielded future", "ValueError", raise)
		}},
		{name: "sys.exit() in a task", build: func(w *world) {
			w.handled(w.open(), "Task exception was never retrieved", "SystemExit", at(30, "work", "sys.exit(3)"))
		}},
		{name: "a refused call ended the task", build: func(w *world) {
			l := w.loop()
			w.ran(l, "")
			w.closed(l)
			f := at(30, "work", "loop.call_soon(f)")
			w.p.Uses = []analyze.UseAfterClose{{TimeNS: w.tick(), Loop: l, Call: "call_soon", Stack: stack(f), At: &f}}
			w.handled(l, "Task exception was never retrieved", "RuntimeError", f)
		}, want: []string{"error use-after-close@30"}},
	})
}

func TestNeverAwaited(t *testing.T) {
	call := at(40, "main", "save()")
	nested := at(41, "helper", "asyncio.run(fetch())")
	try(t, []scenario{
		{name: "called without await", build: func(w *world) { w.dropped("save", &call) }, want: []string{"error coroutine-never-awaited@40"}},
		{name: "place not known", build: func(w *world) { w.dropped("save", nil) }, want: []string{"error coroutine-never-awaited@60"}},
		{name: "a library's", build: func(w *world) { w.dropped("save", nil).Def.User = false }},
		{name: "called back", build: func(w *world) { w.dropped("save", &call).Callback = true }, want: []string{"error coroutine-never-awaited/coroutine-callback@40"}},
		{name: "of a task that never took a step", build: func(w *world) {
			l := w.loop()
			w.ran(l, "")
			tk := w.task(l, "late", "save")
			tk.Steps = 0
			left := live(tk)
			left.State, left.Steps = "not-started", 0
			w.closed(l, left)
			w.dropped("save", nil)
		}, want: []string{"error pending-at-close/scheduled-too-late@9"}},
		{name: "given to a refused run", build: func(w *world) {
			w.p.Refusals = []analyze.RunRefusal{{TimeNS: w.tick(), API: "run", Reason: "nested-run", Stack: stack(nested), At: &nested}}
			w.dropped("fetch", nil)
		}, want: []string{"error nested-run@41"}},
		{name: "another one beside a refused run", build: func(w *world) {
			w.p.Refusals = []analyze.RunRefusal{{TimeNS: w.tick(), API: "run", Reason: "nested-run", Stack: stack(nested), At: &nested}}
			w.dropped("save", &call)
		}, want: []string{"error nested-run@41", "error coroutine-never-awaited@40"}},
	})
}

func TestCollectedPending(t *testing.T) {
	gone := func(change func(w *world, l *analyze.Loop, tk *analyze.Task)) func(w *world) {
		return func(w *world) {
			l := w.loop()
			r := w.begin(l)
			tk := w.task(l, "mail", "deliver")
			tk.Outcome = "collected"
			change(w, l, tk)
			r.EndNS = w.tick()
			r.Target.Outcome = "returned"
			w.closed(l)
		}
	}
	try(t, []scenario{
		{name: "while the loop ran", build: gone(func(w *world, l *analyze.Loop, tk *analyze.Task) {
			w.handled(l, destroyedText, "").Task = tk
		}), want: []string{"error task-collected-pending@20"}},
		{name: "of a gather, in silence", build: gone(func(w *world, l *analyze.Loop, tk *analyze.Task) {
			tk.Site.Gather, tk.LastSeen = true, live(tk)
			w.run.Health.Complete = true
		}), want: []string{"error task-collected-pending@20"}},
		{name: "of a gather, ends not recorded", build: gone(func(w *world, l *analyze.Loop, tk *analyze.Task) {
			tk.Site.Gather, tk.LastSeen = true, live(tk)
		})},
		{name: "after the close", build: func(w *world) {
			l := w.loop()
			w.ran(l, "")
			tk := w.task(l, "mail", "deliver")
			w.closed(l, live(tk))
			w.handled(l, destroyedText, "").Task = tk
		}, want: []string{"error pending-at-close/never-cancelled@9"}},
	})
}

func TestCallbacks(t *testing.T) {
	raise := at(30, "tick", "raise ValueError")
	try(t, []scenario{
		{name: "raised by the program", build: func(w *world) { w.handled(w.open(), "Exception in callback", "ValueError", raise) }, want: []string{"error callback-exception@30"}},
		{name: "a protocol", build: func(w *world) {
			w.handled(w.open(), "Fatal error: protocol.data_received", "ValueError", raise)
		}, want: []string{"error callback-exception@30"}},
		{name: "a library's", build: func(w *world) {
			w.handled(w.open(), "Exception in callback", "ValueError", site("client", "tick"))
		}},
		{name: "CPython's own about cancelled handlers", build: func(w *world) {
			h := w.handled(w.open(), "Exception in callback", "CancelledError", at(31, "handle", "await reader.read()"))
			h.Callback = "StreamReaderProtocol.connection_made.<locals>.callback"
		}},
		{name: "a coroutine object", build: func(w *world) {
			h := w.handled(w.open(), "Exception in callback", "TypeError")
			h.Coro, h.Call = "warm", &raise
			w.dropped("warm", nil)
		}, want: []string{"error callback-exception/coroutine-callback@30"}},
	})
}

func TestShutdownAndReentrancy(t *testing.T) {
	try(t, []scenario{
		{name: "clean-up fails", build: func(w *world) {
			l := w.open()
			w.handled(l, "unhandled exception during asyncio.run", "OSError", at(30, "work", "file.close()")).Task = w.task(l, "worker", "work")
		}, want: []string{"error shutdown-exception@30"}},
		{name: "sys.exit() of a child comes out in a group", build: func(w *world) {
			l := w.open()
			for _, group := range []string{"BaseExceptionGroup", "exceptiongroup.BaseExceptionGroup"} {
				w.handled(l, "unhandled exception during asyncio.run", group, at(30, "main", "async with group:")).Task = w.task(l, "main", "main")
			}
		}},
		{name: "a lost step", build: func(w *world) {
			l := w.loop()
			w.ran(l, "")
			tk := w.task(l, "download", "download")
			h := w.handled(l, "Exception in callback", "RuntimeError")
			h.Task, h.Refused, h.Stack = tk, "Cannot enter into task", stack(lib("asyncio/events.py", "_run"), at(33, "pump", "loop._run_once()"))
			w.closed(l, live(tk))
		}, want: []string{"error task-reentrancy@33"}},
	})
}

func TestAsyncgens(t *testing.T) {
	opened := at(30, "first", "async for row in rows():")
	left := func(change func(g *analyze.AbandonedAsyncgen)) func(w *world) {
		return func(w *world) {
			l := w.loop()
			w.ran(l, "")
			g := analyze.AbandonedAsyncgen{ID: 1, Loop: l, Name: "rows", Moment: "close", State: "suspended", Cleanup: true, Opened: &opened}
			change(&g)
			if g.Moment == "close" {
				w.closed(l)
			}
			g.TimeNS = w.tick()
			w.p.Asyncgens = []analyze.AbandonedAsyncgen{g}
		}
	}
	try(t, []scenario{
		{name: "left open", build: left(func(*analyze.AbandonedAsyncgen) {}), want: []string{"error asyncgen-not-finalised@30"}},
		{name: "nothing to clean up", build: left(func(g *analyze.AbandonedAsyncgen) { g.Cleanup = false })},
		{name: "cut while it was closed", build: left(func(g *analyze.AbandonedAsyncgen) { g.Cleanup, g.State = false, "closing" }), want: []string{"error asyncgen-not-finalised@30"}},
		{name: "iterated by a task that is reported", build: left(func(g *analyze.AbandonedAsyncgen) { g.State = "iterated" })},
		{name: "the loop is never closed", build: left(func(g *analyze.AbandonedAsyncgen) { g.Moment = "exit" }), want: []string{"warning loop-never-closed@1"}},
		{name: "a pending task had begun it", build: func(w *world) {
			l := w.loop()
			w.ran(l, "")
			lv := live(w.task(l, "reader", "first"))
			lv.Awaiting = []analyze.Frame{opened, at(31, "first", "await send(row)")}
			w.closed(l, lv)
			w.p.Asyncgens = []analyze.AbandonedAsyncgen{{ID: 1, Loop: l, Name: "rows", Moment: "close", State: "suspended", Cleanup: true, Opened: &opened, TimeNS: w.tick()}}
		}, want: []string{"error pending-at-close/never-cancelled@9"}},
		{name: "could not be closed", build: func(w *world) {
			h := w.handled(w.open(), "an error occurred during closing of asynchronous generator", "RuntimeError")
			h.Asyncgen, h.Opened = "rows", stack(opened)
		}, want: []string{"error asyncgen-close-failed@30"}},
	})
}
