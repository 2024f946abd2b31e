package rule

import (
	"slices"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

func TestMessages(t *testing.T) {
	raise := at(30, "work", "raise ValueError")
	for _, c := range []struct {
		name  string
		build func(w *world)
		rule  string
		want  []string
	}{
		{"seen", func(w *world) {
			l := w.loop()
			w.ran(l, "")
			a, b := w.task(l, "a", "work"), w.task(l, "b", "work")
			w.closed(l, live(a), live(b))
			w.handled(l, destroyed, "").Task = a
			w.handled(l, destroyed, "").Task = b
		}, "pending-at-close", []string{`2 messages "Task was destroyed but it is pending!" on stderr or in the log come from this`}},
		{"expected at the end", left("", nil), "pending-at-close", []string{`any "Task was destroyed but it is pending!" or "Exception ignored in ..." about this task comes from this`}},
		{"one seen, one expected", func(w *world) {
			l := w.loop()
			w.ran(l, "")
			a, b := w.task(l, "a", "work"), w.task(l, "b", "work")
			w.closed(l, live(a), live(b))
			w.handled(l, destroyed, "").Task = a
		}, "pending-at-close", []string{
			`the message "Task was destroyed but it is pending!" on stderr or in the log comes from this`,
			`any "Task was destroyed but it is pending!" or "Exception ignored in ..." about this task comes from this`,
		}},
		{"switched off", left("", func(_ *world, _ *analyze.Close, l *analyze.Live) { l.LogDestroy = false }), "pending-at-close", nil},
		{"its own rule before another one's task", func(w *world) {
			l := w.loop()
			w.ran(l, "")
			x := w.task(l, "a", "work")
			w.closed(l, live(x))
			w.handled(l, "Task exception was never retrieved", "ValueError", raise).Task = w.task(l, "worker", "work")
		}, "exception-never-retrieved", []string{`the message "Task exception was never retrieved" on stderr or in the log comes from this`}},
		{"of what is told under another", func(w *world) {
			l := w.loop()
			w.ran(l, "")
			w.closed(l)
			f := at(30, "work", "loop.call_soon(f)")
			w.p.Uses = []analyze.UseAfterClose{{TimeNS: w.tick(), Loop: l, Call: "call_soon", Stack: stack(f), At: &f}}
			w.handled(l, "Task exception was never retrieved", "RuntimeError", f)
		}, "use-after-close", []string{`the message "Task exception was never retrieved" on stderr or in the log comes from this`}},
		{"of another task", func(w *world) {
			l := w.loop()
			w.ran(l, "")
			a := w.task(l, "a", "work")
			x := live(a)
			x.LogDestroy = false
			w.closed(l, x)
			w.handled(l, "Task", "OSError").Task = w.task(l, "b", "work")
		}, "pending-at-close", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(12)
			c.build(w)
			for _, f := range Check(w.run, "").Findings {
				if f.Rule == c.rule {
					if !slices.Equal(f.Messages, c.want) {
						t.Errorf("got  %q\nwant %q", f.Messages, c.want)
					}
					return
				}
			}
			t.Error("no such finding")
		})
	}
}

// TestCPythonsOwnErrors pins that a false alarm of CPython is called that, in one sentence, and is no finding.
func TestCPythonsOwnErrors(t *testing.T) {
	w := newWorld(11)
	l := w.open()
	for range 3 {
		h := w.handled(l, "Exception in callback", "CancelledError", at(30, "handle", "await reader.read()"))
		h.Callback = "StreamReaderProtocol.connection_made.<locals>.callback"
	}
	res := Check(w.run, "")
	if len(res.Findings) > 0 {
		t.Errorf("blamed: %q", tellAll(res.Findings))
	}
	if notes := strings.Join(w.run.Health.Notes, "\n"); !strings.Contains(notes, "3 messages") || !strings.Contains(notes, "CPython 3.11.0 itself") {
		t.Errorf("notes: %q", notes)
	}
}

// TestRecorderHoldsTheLoop pins that looptrace's own work is never held against the program.
func TestRecorderHoldsTheLoop(t *testing.T) {
	own := analyze.Frame{File: "<looptrace>/inject.py", Line: 65, Function: "parse", Text: "lines = text.splitlines()"}
	w := newWorld(12)
	l := w.open()
	w.held(l, 300, analyze.StepSample{Stack: stack(own, at(7, "work", "asyncio.create_task(x())")), State: "R", OverNS: 100, CPUNS: 98}).Others = 1
	inherits := w.held(l, 300, analyze.StepSample{Stack: stack(at(8, "work", "time.sleep(1)")), State: "S", OverNS: 100})
	inherits.Others, inherits.Loop = 1, &analyze.Loop{Process: w.p, Inherited: l}
	res := Check(w.run, "")
	if len(res.Findings) > 0 {
		t.Errorf("blamed: %q", tellAll(res.Findings))
	}
	if notes := strings.Join(w.run.Health.Notes, "\n"); !strings.Contains(notes, "the recording itself held the event loop once, for 300 ms") {
		t.Errorf("notes: %q", notes)
	}
}
