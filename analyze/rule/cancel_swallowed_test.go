package rule

import (
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// wentOn cancels a live task that was waiting at line 30, and lets it wait again at line, 30 for the same await.
func (w *world) wentOn(l *analyze.Live, line int, by ...analyze.Frame) *analyze.Cancel {
	w.cancel(l, 3)
	c := &l.Task.Cancels[len(l.Task.Cancels)-1]
	if len(by) > 0 {
		c.Stack = by
	}
	wait := lib("asyncio/tasks.py", "sleep")
	met, now := at(30, "work", "await asyncio.sleep(10)"), at(line, "work", "await asyncio.sleep(10)")
	c.Awaiting, c.AwaitedAt, c.On = stack(met, wait), &met, "sleep"
	c.Ignored = []analyze.WentOn{{TimeNS: w.tick(), Steps: 1, Awaiting: stack(now, wait), At: &now, Same: line == 30}}
	return c
}

// cancelledAt builds a closed loop with one task that was cancelled by a call with that stack, and that ended with outcome after
// some more ms.
func cancelledAt(line int, outcome string, ms int64, by ...analyze.Frame) func(w *world) {
	return func(w *world) {
		lp := w.loop()
		w.ran(lp, "")
		t := w.task(lp, "worker", "work")
		w.wentOn(live(t), line, by...)
		w.now += ms * 1e6
		t.Outcome, t.EndedNS = outcome, w.tick()
		w.closed(lp)
	}
}

func TestCancelSwallowed(t *testing.T) {
	run := lib("asyncio/runners.py", "_cancel_all_tasks")
	ctrlC := lib("asyncio/runners.py", "_on_sigint")
	timeout := lib("asyncio/timeouts.py", "_on_timeout")
	site := "@30"
	try(t, []scenario{
		{name: "back at the same await", build: cancelledAt(30, "returned", 10), want: []string{"warning cancel-swallowed/cancel-ignored" + site}},
		{name: "kept asyncio.run() waiting", build: cancelledAt(30, "returned", 10, run), want: []string{"error cancel-swallowed/shutdown-ignored" + site}},
		{name: "lost Ctrl-C", build: cancelledAt(30, "returned", 10, ctrlC), want: []string{"error cancel-swallowed/lost-ctrl-c" + site}},
		{name: "timeout", build: cancelledAt(30, "raised", 10, timeout), want: []string{"error cancel-swallowed/timeout-ignored" + site}},
		{name: "elsewhere, for long, asyncio.run() waits", build: cancelledAt(35, "returned", 900, run), want: []string{"error cancel-swallowed/shutdown-ignored" + site}},
		{name: "elsewhere, for long", build: cancelledAt(35, "returned", 900), want: []string{"warning cancel-swallowed/cancel-ignored" + site}},
		{name: "cancelled twice", want: []string{"error cancel-swallowed/cancel-ignored" + site}, build: func(w *world) {
			lp := w.loop()
			w.ran(lp, "")
			l := live(w.task(lp, "worker", "work"))
			w.wentOn(l, 30)
			w.cancel(l, 1)
			l.Task.Outcome, l.Task.EndedNS = "cancelled", w.tick()
			w.closed(lp)
		}},
		{name: "still there at the close", want: []string{"error pending-at-close/cancel-swallowed@9", "warning cancel-swallowed/cancel-ignored" + site}, build: left("", func(w *world, c *analyze.Close, l *analyze.Live) {
			w.wentOn(l, 30)
			c.TimeNS = w.tick()
			l.AsOfNS = c.TimeNS
		})},
	})
}

func TestCancelSwallowedIsSilent(t *testing.T) {
	scope := site("anyio", "_deliver_cancellation")
	try(t, []scenario{
		{name: "elsewhere, for long, but it expected that", build: func(w *world) {
			cancelledAt(35, "returned", 900, lib("asyncio/runners.py", "_on_sigint"))(w)
			w.run.Tasks[1].Cancels[0].Ignored[0].Expected = true
		}},
		{name: "ended elsewhere soon", build: cancelledAt(35, "returned", 20)},
		{name: "ended elsewhere soon, asyncio.run() waits", build: cancelledAt(35, "returned", 20, lib("asyncio/runners.py", "_cancel_all_tasks"))},
		{name: "raised CancelledError in the end", build: cancelledAt(30, "cancelled", 900)},
		{name: "a scope of anyio", build: cancelledAt(30, "returned", 10, scope)},
		{name: "a future of the program, before 3.11", minor: 10, build: func(w *world) {
			cancelledAt(30, "returned", 10)(w)
			c := &w.run.Tasks[1].Cancels[0]
			c.Awaiting, c.On = c.Awaiting[:1], "future"
		}},
		{name: "wait_for() that lost it, before 3.12", minor: 11, build: func(w *world) {
			cancelledAt(30, "returned", 10)(w)
			c := &w.run.Tasks[1].Cancels[0]
			c.Awaiting = append(c.Awaiting, lib("asyncio/tasks.py", "wait_for"))
		}},
	})
}
