package rule

import (
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// pair is two findings of one run; a test changes what it is about.
type pair struct {
	w             *world
	l             *analyze.Loop
	t             *analyze.Task
	root, symptom analyze.Finding
}

func newPair(root, symptom string) *pair {
	w := newWorld(12)
	p := &pair{w: w, l: w.loop()}
	p.t = w.task(p.l, "job", "job")
	at9 := at(9, "<module>", "loop.close()")
	made := func(rule string) analyze.Finding {
		f := at9
		return analyze.Finding{
			Rule: rule, Severity: analyze.Error, Message: rule, At: &f, Process: w.p, Loop: p.l, Tasks: []*analyze.Task{p.t},
			Evidence: []analyze.Evidence{{TimeNS: w.tick()}},
		}
	}
	p.root, p.symptom = made(root), made(symptom)
	return p
}

// TestConsequences pins, for each, what is folded and a close miss that is not.
func TestConsequences(t *testing.T) {
	line := func(n int) *analyze.Frame { f := at(n, "work", "work()"); return &f }
	waits := func(kind string) func(p *pair) {
		return func(p *pair) {
			x := live(p.t)
			x.On.Kind = kind
			p.symptom.Close = p.w.closed(p.l, x)
		}
	}
	elsewhere := func(p *pair) { p.symptom.At = line(30) }
	otherLoop := func(p *pair) { p.symptom.Loop = p.w.loop() }
	otherTask := func(p *pair) { p.symptom.Tasks = []*analyze.Task{p.w.task(p.l, "other", "other")} }
	noLine := func(p *pair) { p.symptom.At = nil }
	interrupt := func(cause, exception string) func(p *pair) {
		return func(p *pair) {
			p.w.ran(p.l, exception)
			p.root.Cause, p.root.Close = cause, p.w.closed(p.l, live(p.t))
		}
	}
	for _, c := range []struct {
		name          string
		root, symptom string
		build         func(p *pair)
		want          string // "folded", "warning" or "kept"
	}{
		{"one call closes and runs", "close-running-loop", "loop-already-running", nil, "folded"},
		{"a refused run of another line", "close-running-loop", "loop-already-running", elsewhere, "kept"},
		{"fork, refused run at the same line", "fork-inherited-loop", "loop-already-running", nil, "folded"},
		{"fork, refused run of another line", "fork-inherited-loop", "loop-already-running", elsewhere, "warning"},
		{"fork, refused run of another loop", "fork-inherited-loop", "loop-already-running", otherLoop, "kept"},
		{"fork, its task is left", "fork-inherited-loop", "live-at-exit", nil, "folded"},
		{"fork, another task is left", "fork-inherited-loop", "live-at-exit", otherTask, "kept"},
		{"continued run, the Ctrl-C that left it", "resumed-zombie", "interrupted", nil, "folded"},
		{"continued run, another Ctrl-C", "resumed-zombie", "interrupted", elsewhere, "kept"},
		{"Ctrl-C before a close that failed to clean up", "pending-at-close", "interrupted", interrupt(causeCrashed, keyboardInterrupt), "folded"},
		{"Ctrl-C is the cause", "pending-at-close", "interrupted", interrupt(causeInterrupted, keyboardInterrupt), "folded"},
		{"Ctrl-C is not what ended the run", "pending-at-close", "interrupted", interrupt(causeCrashed, "ValueError"), "kept"},
		{"dropped task waits for the child", "subprocess-outlives-loop", "pending-at-close", waits("subprocess"), "warning"},
		{"dropped task waits for a timer", "subprocess-outlives-loop", "pending-at-close", waits("sleep"), "kept"},
		{"finalizer of the child's transport", "subprocess-outlives-loop", "use-after-close", noLine, "folded"},
		{"the program itself uses the closed loop", "subprocess-outlives-loop", "use-after-close", elsewhere, "kept"},
		{"finalizer of a transport", "transport-unclosed", "use-after-close", noLine, "folded"},
		{"connection's handler is cancelled at exit", "server-connections-live", "cancelled-at-exit", nil, "folded"},
		{"another task is cancelled at exit", "server-connections-live", "cancelled-at-exit", otherTask, "kept"},
		{"task of a thread that did not wake the loop", "thread-unsafe-call", "cancelled-at-exit", nil, "folded"},
		{"task of another line", "thread-unsafe-call", "cancelled-at-exit", elsewhere, "kept"},
		{"close() as a callback fails", "close-running-loop", "callback-exception", func(p *pair) {
			p.root.Cause, p.root.At, p.symptom.At = causeCallback, line(5), nil
		}, "folded"},
		{"another callback fails", "close-running-loop", "callback-exception", func(p *pair) {
			p.root.Cause, p.symptom.At = causeCallback, nil
		}, "kept"},
		{"coroutine for a stopped loop, by a variable", "stopped-loop-call", "coroutine-never-awaited", func(p *pair) {
			f, def := at(14, "call", "return asyncio.run_coroutine_threadsafe(coro, self.loop).result()"), at(21, "answer", "async def answer():")
			p.root.At, p.symptom.At, p.symptom.Subjects, p.symptom.Tasks = &f, &def, []string{"coro:answer"}, nil
		}, "folded"},
		{"coroutine of another function", "stopped-loop-call", "coroutine-never-awaited", func(p *pair) {
			f, def := at(14, "call", "return asyncio.run_coroutine_threadsafe(ask(), self.loop).result()"), at(21, "answer", "async def answer():")
			p.root.At, p.symptom.At, p.symptom.Subjects, p.symptom.Tasks = &f, &def, []string{"coro:answer"}, nil
		}, "kept"},
		{"close after the error of a refused call", "wrong-loop", "pending-at-close", func(p *pair) {
			p.w.ran(p.l, "RuntimeError").RaisedAt = stack(lib("asyncio/locks.py", "acquire"), *p.root.At)
			p.symptom.Cause, p.symptom.Close = causeErrorSkipped, p.w.closed(p.l, live(p.t))
		}, "warning"},
		{"close after another error", "wrong-loop", "pending-at-close", func(p *pair) {
			p.w.ran(p.l, "RuntimeError").RaisedAt = stack(at(33, "work", "raise RuntimeError"))
			p.symptom.Cause, p.symptom.Close = causeErrorSkipped, p.w.closed(p.l, live(p.t))
		}, "kept"},
		{"gather() of what a timeout took out of a deadlock", "deadlock", "exception-never-retrieved", func(p *pair) {
			p.root.Deadlock = &analyze.Deadlock{Cancelled: true, Links: []*analyze.Wait{{Task: p.t}}}
			p.symptom.At, p.symptom.Tasks = nil, nil
		}, "folded"},
		{"exception of a task after a deadlock", "deadlock", "exception-never-retrieved", func(p *pair) {
			p.root.Deadlock = &analyze.Deadlock{Cancelled: true, Links: []*analyze.Wait{{Task: p.t}}}
		}, "kept"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPair(c.root, c.symptom)
			if c.build != nil {
				c.build(p)
			}
			found := fold(p.w.run, []analyze.Finding{p.root, p.symptom})
			got := "kept"
			switch {
			case len(found) == 1:
				got = "folded"
				if len(found[0].Folded) != 1 || !strings.HasPrefix(strings.Join(found[0].Follows, "\n"), c.symptom+": ") {
					t.Errorf("the root does not tell it: %q", found[0].Follows)
				}
			case found[1].Severity != analyze.Error:
				got = string(found[1].Severity)
			}
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// TestBrokenByCtrlC pins that the Ctrl-C which ended a hanging program is told with the deadlock.
func TestBrokenByCtrlC(t *testing.T) {
	for _, exception := range []string{keyboardInterrupt, ""} {
		w := newWorld(10)
		l := w.loop()
		r := w.begin(l)
		d := w.circle(l, true)
		d.EndNS, d.Cancelled = w.tick(), true
		r.EndNS, r.Exception = w.tick(), exception
		var rules []string
		for _, f := range Check(w.run, "").Findings {
			rules = append(rules, f.Rule)
		}
		if got := strings.Join(rules, " "); strings.Contains(got, "interrupted") || !strings.Contains(got, "deadlock") {
			t.Errorf("left by %q: %s", exception, got)
		}
	}
}

func TestEqualSentencesAreToldOnce(t *testing.T) {
	got := condensed([]string{"a", "b", "a"})
	if strings.Join(got, "; ") != "a (2 times); b" {
		t.Errorf("got %q", got)
	}
}

// TestRepeatsFoldTogether pins that what is told of several tasks at once follows from the repeats of one fault together, and
// that the first line says how often it happened.
func TestRepeatsFoldTogether(t *testing.T) {
	p := newPair("cancel-swallowed", "cancelled-at-exit")
	second := p.root
	second.Tasks = []*analyze.Task{p.w.task(p.l, "other", "job")}
	p.symptom.Tasks = []*analyze.Task{p.t, second.Tasks[0]}
	found := fold(p.w.run, []analyze.Finding{p.root, second, p.symptom})
	if len(found) != 3 {
		t.Fatalf("one of the repeats alone explains both tasks: %d findings", len(found))
	}
	found = fold(p.w.run, mergeRepeats(found))
	if len(found) != 1 || !strings.Contains(found[0].Message, "; the same 1 more time") || len(found[0].Follows) != 2 {
		t.Errorf("got %+v", found)
	}
}
