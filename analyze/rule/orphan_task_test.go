package rule

import (
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// family builds a run whose main coroutine returned and whose shutdown found a task; its parent and sibling had failed before.
func family(change func(w *world, l *analyze.Live, sibling *analyze.Task)) func(w *world) {
	return func(w *world) {
		lp := w.loop()
		r := w.ran(lp, "")
		parent := w.done(lp, "parent")
		sibling, l := w.task(lp, "sibling", "work"), live(w.task(lp, "worker", "work"))
		for _, t := range []*analyze.Task{sibling, l.Task} {
			t.Parent = parent
		}
		sibling.Outcome, sibling.EndedNS = "raised", w.tick()
		change(w, l, sibling)
		w.now += 200e6
		r.EndNS = w.tick()
		l.Task.Outcome = "cancelled"
		lp.Shutdowns = []*analyze.Shutdown{{Loop: lp, BeginNS: w.tick(), EndNS: w.tick(), Live: []*analyze.Live{l}}}
		w.closed(lp)
	}
}

func TestOrphanTask(t *testing.T) {
	cut := []string{"warning cancelled-at-exit@20"}
	gathered := func(l *analyze.Live, by ...string) { l.AwaitedBy = by }
	fail := func(l *analyze.Live) { l.Task.Parent.Outcome = "raised" }
	try(t, []scenario{
		{name: "gather() had raised", want: []string{"warning orphan-task/gather-siblings-left@20"}, build: family(func(_ *world, l *analyze.Live, _ *analyze.Task) { gathered(l, "gather:raised") })},
		{name: "parent had raised", want: []string{"warning orphan-task/parent-failed@20"}, build: family(func(_ *world, l *analyze.Live, _ *analyze.Task) { fail(l) })},
		{name: "awaited afterwards", want: cut, build: family(func(_ *world, l *analyze.Live, _ *analyze.Task) { gathered(l, "gather:raised", "wait") })},
		{name: "gathered once more", want: cut, build: family(func(_ *world, l *analyze.Live, _ *analyze.Task) { gathered(l, "gather:raised", "gather:pending") })},
		{name: "parent had raised, a callback owns it", want: cut, build: family(func(_ *world, l *analyze.Live, _ *analyze.Task) {
			fail(l)
			gathered(l, "callback")
		})},
		{name: "parent had returned", want: cut, build: family(func(*world, *analyze.Live, *analyze.Task) {})},
		{name: "a library spawned it", build: family(func(_ *world, l *analyze.Live, _ *analyze.Task) {
			fail(l)
			l.Task.Site.Via = "asyncio/streams.py:connection_made"
		})},
	})
}

func TestOrphanNeedsTime(t *testing.T) {
	try(t, []scenario{{name: "failed right before the end", want: []string{"warning cancelled-at-exit@20"}, build: func(w *world) {
		family(func(_ *world, l *analyze.Live, _ *analyze.Task) { l.AwaitedBy = []string{"gather:raised"} })(w)
		for _, task := range w.run.Tasks {
			if task.Name == "sibling" {
				task.EndedNS = w.now
			}
		}
	}}})
}
