package analyze

import (
	"strconv"
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// refuse adds a refused call of main at app.py:4.
func (tr *trace) refuse(thread tracefile.ThreadID, words, line string) {
	stack := tr.stack(line, "app.py:9:<module>:main()")
	tr.rare(tracefile.CallRefused, tracefile.Event{Thread: thread, Stack: stack}, "call", "Lock.release", "exception", "RuntimeError", "words", words)
}

// TestRefusalsThatLeft pins which refused calls count as caught: those that no exception of the same words and line followed.
func TestRefusalsThatLeft(t *testing.T) {
	const words = "Lock is not acquired."
	tests := []struct {
		name, line, words, want string
	}{
		{"same line", "app.py:4:give:lock.release()", words, FailedThread},
		{"another line", "app.py:5:give:lock.release()", words, ""},
		{"other words", "app.py:4:give:lock.release()", "no running event loop", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTrace()
			tr.rare(tracefile.ThreadSeen, tracefile.Event{Thread: 2, Name: "worker"})
			tr.refuse(2, words, "app.py:4:give:lock.release()")
			raised := tr.stack("asyncio/locks.py:142:release", tt.line)
			tr.rare(tracefile.ThreadFailed, tracefile.Event{Thread: 2}, "exception", "RuntimeError", "words", tt.words, "raised_stack", strconv.Itoa(int(raised)))
			p := tr.build(t, Options{}).Processes[0]
			if len(p.Refused) != 1 || len(p.Failures) != 1 {
				t.Fatalf("%d refusals, %d failures", len(p.Refused), len(p.Failures))
			}
			got := ""
			if left := p.Refused[0].Left; left != nil {
				got = left.Ended
			}
			if got != tt.want {
				t.Errorf("it ended %q, want %q", got, tt.want)
			}
			if f := p.Failures[0]; f.Thread != "worker" || f.At == nil || f.At.Text != "lock.release()" {
				t.Errorf("failure: %+v", f)
			}
		})
	}
}

func TestRefusalIsAnswered(t *testing.T) {
	tr := newTrace()
	tr.rare(tracefile.ThreadSeen, tracefile.Event{Thread: 2, Name: "worker"})
	tr.refuse(2, "There is no current event loop", "app.py:4:loop:asyncio.get_event_loop()")
	tr.refuse(1, "There is no current event loop", "app.py:4:loop:asyncio.get_event_loop()")
	tr.rare(tracefile.RefusalHandled, tracefile.Event{Thread: 2})
	tr.rare(tracefile.LoopSet, tracefile.Event{Thread: 2, Stack: tr.stack("app.py:6:loop:asyncio.set_event_loop(None)")})
	p := tr.build(t, Options{}).Processes[0]
	if !p.Refused[0].Handled || p.Refused[1].Handled {
		t.Errorf("handled: %v and %v, want only the first", p.Refused[0].Handled, p.Refused[1].Handled)
	}
	if len(p.LoopSets) != 1 || p.LoopSets[0].Loop != nil || p.LoopSets[0].Thread != "worker" || p.LoopSets[0].At == nil {
		t.Errorf("loop sets: %+v", p.LoopSets)
	}
}

// TestRefusalsAreBounded guards the memory of an analysis against a program that is refused without end.
func TestRefusalsAreBounded(t *testing.T) {
	tr := newTrace()
	for range maxRepeats + 10 {
		tr.refuse(1, "Lock is not acquired.", "app.py:4:give:lock.release()")
	}
	if n := len(tr.build(t, Options{}).Processes[0].Refused); n != maxRepeats {
		t.Errorf("%d kept, want %d", n, maxRepeats)
	}
}
