package rule

import (
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// link is a wait of t at a line for what on holds, or for its end.
func (w *world) link(t, on *analyze.Task, line int, held bool) *analyze.Wait {
	f := at(line, "work", "async with lock:")
	l := &analyze.Wait{Task: t, Kind: "task", Targets: []*analyze.Task{on}, Held: held, Certain: true, At: &f, SinceNS: w.tick()}
	if held {
		made := at(3, "main", "lock = asyncio.Lock()")
		l.Kind, l.Object = "lock", &analyze.Primitive{ID: line, Kind: "lock", At: &made}
	}
	return l
}

// circle adds a deadlock of two tasks of l.
func (w *world) circle(l *analyze.Loop, held bool) *analyze.Deadlock {
	a, b := w.task(l, "a", "transfer"), w.task(l, "b", "transfer")
	d := &analyze.Deadlock{Process: w.p, Loop: l, Links: []*analyze.Wait{w.link(a, b, 11, held), w.link(b, a, 12, held)}}
	d.Closing = d.Links[1]
	d.SinceNS, d.SeenNS = d.Closing.SinceNS, w.tick()
	w.p.Deadlocks = append(w.p.Deadlocks, d)
	return d
}

func TestDeadlock(t *testing.T) {
	try(t, []scenario{
		{name: "two locks, closed", build: func(w *world) {
			lp := w.loop()
			w.ran(lp, "")
			d := w.circle(lp, true)
			w.closed(lp, live(d.Links[0].Task), live(d.Links[1].Task))
		}, want: []string{"error deadlock/lock-order@12"}},
		{name: "another task was left as well", build: func(w *world) {
			lp := w.loop()
			w.ran(lp, "")
			d := w.circle(lp, true)
			w.closed(lp, live(d.Links[0].Task), live(d.Links[1].Task), live(w.task(lp, "poller", "poll")))
		}, want: []string{"error deadlock/lock-order@12", "error pending-at-close/never-cancelled@9"}},
		{name: "awaits, at the end", build: func(w *world) {
			lp := w.loop()
			w.begin(lp)
			d := w.circle(lp, false)
			w.p.Exit.Live = []*analyze.Live{live(d.Links[0].Task), live(d.Links[1].Task)}
		}, want: []string{"error deadlock/await-cycle@12"}},
		{name: "killed while it hung", build: func(w *world) {
			lp := w.loop()
			w.begin(lp)
			d := w.circle(lp, true)
			d.Behind = []*analyze.Task{lp.Runs[0].Target}
			w.p.Exit = analyze.Exit{Observed: true, Reason: "signal", Signal: 9, TimeNS: 9e9, Live: []*analyze.Live{live(d.Links[0].Task), live(d.Links[1].Task)}}
		}, want: []string{"error deadlock/lock-order@12"}},
		{name: "broken by a timeout", build: func(w *world) {
			lp := w.loop()
			d := w.circle(lp, true)
			d.EndNS, d.Cancelled, d.Timed = w.tick(), true, true
			w.ran(lp, "")
			w.closed(lp)
		}, want: []string{"warning deadlock/lock-order@12"}},
		{name: "cut by asyncio.run()", build: func(w *world) {
			lp := w.loop()
			d := w.circle(lp, true)
			w.ran(lp, "")
			s := &analyze.Shutdown{Loop: lp, BeginNS: w.tick()}
			for _, l := range d.Links {
				l.Task.CancelledAtShutdown, l.Task.Outcome = s, "cancelled"
			}
			d.EndNS, d.Cancelled = w.tick(), true
			w.closed(lp)
		}, want: []string{"error deadlock/lock-order@12"}},
		{name: "given up, and tried again: a note", build: func(w *world) {
			lp := w.loop()
			d := w.circle(lp, true)
			d.EndNS, d.Cancelled, d.Timed, d.First, d.FirstSteps = w.tick(), true, true, d.Links[0], 3
			d.First.OwnLimit, d.First.Task.Steps = true, 8
			w.ran(lp, "")
			w.closed(lp)
		}},
		{name: "given up", build: func(w *world) {
			lp := w.loop()
			d := w.circle(lp, true)
			d.EndNS, d.Cancelled, d.Timed, d.First, d.FirstSteps = w.tick(), true, true, d.Links[0], 3
			d.First.OwnLimit, d.First.Task.Steps = true, 5
			w.ran(lp, "")
			w.closed(lp)
		}, want: []string{"warning deadlock/lock-order@12"}},
		{name: "a lock that others release", build: func(w *world) {
			lp := w.loop()
			first, second := w.circle(lp, true), w.circle(lp, true)
			first.EndNS, first.Released = w.tick(), first.Links[0].Object
			second.Links[0].Object = first.Released
			second.EndNS, second.Cancelled = w.tick(), true
			w.ran(lp, "")
			w.closed(lp)
		}},
		{name: "woken from outside", build: func(w *world) {
			lp := w.loop()
			d := w.circle(lp, true)
			d.EndNS = w.tick()
			w.ran(lp, "")
			w.closed(lp)
		}},
	})
}

func TestDeadlockIsToldOnce(t *testing.T) {
	w := newWorld(13)
	lp := w.loop()
	w.ran(lp, "")
	d := w.circle(lp, true)
	w.closed(lp, live(d.Links[0].Task), live(d.Links[1].Task))
	found := Check(w.run, "").Findings
	if len(found) != 1 || found[0].Deadlock != d || found[0].Close == nil {
		t.Fatalf("got %+v", found)
	}
	if all := strings.Join(found[0].Follows, "\n"); !strings.Contains(all, "pending-at-close") {
		t.Errorf("the dropped tasks are not told: %q", all)
	}
	if e := found[0].Evidence[0]; e.TimeNS != d.SinceNS || !strings.Contains(e.Text, "which a holds") {
		t.Errorf("the first evidence is %+v", e)
	}
}
