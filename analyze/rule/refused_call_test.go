package rule

import (
	"slices"
	"strings"
	"testing"

	"github.com/looptrace/looptrace/analyze"
)

// refusedCall records a call of asyncio that was refused at line 40, called through the given library frames.
func (w *world) refusedCall(call, words string, through ...analyze.Frame) *analyze.CallRefusal {
	f := at(40, "work", call+"(...)")
	r := &analyze.CallRefusal{
		TimeNS: w.tick(), Process: w.p, Thread: "MainThread", Call: call, Exception: "RuntimeError", Words: words,
		Stack: append(slices.Clone(through), f), At: &f,
	}
	w.p.Refused = append(w.p.Refused, r)
	return r
}

// leaves makes the exception of a refused call end something.
func (w *world) leaves(r *analyze.CallRefusal, ended string) *analyze.Failure {
	x := &analyze.Failure{TimeNS: w.tick(), Process: w.p, Ended: ended, Thread: r.Thread, Exception: r.Exception, Words: r.Words, Stack: r.Stack, At: r.At}
	w.p.Failures = append(w.p.Failures, x)
	r.Left = x
	return x
}

func only(t *testing.T, w *world) *analyze.Finding {
	t.Helper()
	found := Check(w.run, "").Findings
	if len(found) != 1 {
		t.Fatalf("got %q, want one finding", tell(found))
	}
	return &found[0]
}

func TestRefusedCallsAreGraded(t *testing.T) {
	const lock, group, asks = "Lock is not acquired.", "TaskGroup is finished", noCurrentText
	tests := []struct {
		name, call, words string
		change            func(w *world, r *analyze.CallRefusal)
		want              string
	}{
		{"caught", "Lock.release", lock, nil, "warning sync-misuse"},
		{"ended a task", "Lock.release", lock, func(w *world, r *analyze.CallRefusal) { w.leaves(r, analyze.FailedTask) }, "error sync-misuse"},
		{"expected", "Lock.release", lock, func(_ *world, r *analyze.CallRefusal) { r.Expected = "named" }, "note sync-misuse"},
		{"by a library", "Lock.release", lock, func(_ *world, r *analyze.CallRefusal) { r.Stack = stack(site("pool", "give"), r.Stack[0]) }, "note sync-misuse"},
		{"by a test", "Lock.release", lock, func(_ *world, r *analyze.CallRefusal) {
			r.Stack = append(r.Stack, site("_pytest", "raises"))
		}, ""},
		{"in a block of a test", "Lock.release", lock, func(_ *world, r *analyze.CallRefusal) { r.Expected = "asserted" }, ""},
		{"in a block of a test, but it ended a task", "Lock.release", lock, func(w *world, r *analyze.CallRefusal) {
			r.Expected = "asserted"
			w.leaves(r, analyze.FailedTask)
		}, "error sync-misuse"},
		{"in a test that fails of it", "Lock.release", lock, func(_ *world, r *analyze.CallRefusal) {
			r.Stack = append(r.Stack, site("_pytest", "runtest"))
		}, "warning sync-misuse"},
		{"lost work", "TaskGroup.create_task", group, nil, "error taskgroup-misuse"},
		{"spawn without a loop", "create_task", noRunningText, nil, "error no-running-loop"},
		{"timeout without a loop", "timeout", noRunningText, nil, "warning no-running-loop"},
		{"spawn or close", "create_task", noRunningText, func(_ *world, r *analyze.CallRefusal) { r.Expected = "named" }, ""},
		{"no current loop", "get_event_loop", asks, nil, "warning no-current-loop"},
		{"asked", "get_event_loop", asks, func(_ *world, r *analyze.CallRefusal) { r.Expected = "broad" }, ""},
		{"answered", "get_event_loop", asks, func(_ *world, r *analyze.CallRefusal) { r.Handled = true }, ""},
		{"asked by a library", "get_event_loop", asks, func(_ *world, r *analyze.CallRefusal) { r.Stack = stack(site("pool", "loop"), r.Stack[0]) }, ""},
		{"asked, and not answered", "get_event_loop", asks, func(w *world, r *analyze.CallRefusal) { w.leaves(r, analyze.FailedThread) }, "error no-current-loop"},
		{"end of a queue, caught", "Queue.put_nowait", "QueueShutDown", nil, ""},
		{"end of a queue", "Queue.put_nowait", "QueueShutDown", func(w *world, r *analyze.CallRefusal) { w.leaves(r, analyze.FailedTask) }, "warning sync-misuse"},
		{"broken barrier", "Barrier._wait", "Barrier aborted", func(w *world, r *analyze.CallRefusal) { w.leaves(r, analyze.FailedTask) }, "note sync-misuse"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(13)
			r := w.refusedCall(tt.call, tt.words)
			if tt.change != nil {
				tt.change(w, r)
			}
			found := Check(w.run, "").Findings
			got := ""
			if len(found) > 0 {
				got = string(found[0].Severity) + " " + found[0].Rule
			}
			if got != tt.want || len(found) > 1 {
				t.Errorf("got %q, want %q", tell(found), tt.want)
			}
		})
	}
}

// TestLoopMadeLater takes it for an answer that the function which asked goes on to make a loop.
func TestLoopMadeLater(t *testing.T) {
	for line, want := range map[int]int{45: 0, 35: 1} {
		w := newWorld(13)
		w.refusedCall("get_event_loop", noCurrentText)
		l := w.loop()
		l.Stack = stack(at(line, "work", "loop = asyncio.new_event_loop()"))
		l.At = &l.Stack[0]
		w.ran(l, "")
		w.closed(l)
		if found := Check(w.run, "").Findings; len(found) != want {
			t.Errorf("a loop made at line %d: got %q, want %d findings", line, tell(found), want)
		}
	}
}

// TestOneExceptionIsOneFinding follows an exception out of a task, the task that awaits it, and the program.
func TestOneExceptionIsOneFinding(t *testing.T) {
	w := newWorld(13)
	r := w.refusedCall("create_task", noRunningText)
	w.leaves(r, analyze.FailedTask)
	for _, ended := range []string{analyze.FailedTask, analyze.FailedProcess} {
		x := *r.Left
		x.Ended, x.TimeNS = ended, w.tick()
		x.Stack = append(slices.Clone(x.Stack), at(50, "main", "await work()"))
		w.p.Failures = append(w.p.Failures, &x)
	}
	f := only(t, w)
	if f.Rule != "no-running-loop" || !strings.Contains(strings.Join(f.Follows, " "), "uncaught-exception") {
		t.Errorf("got %s, followed by %q", f.Rule, f.Follows)
	}
}

func TestInvalidState(t *testing.T) {
	tests := []struct{ words, resolved, cause string }{
		{"invalid state", "cancelled", causeLateReply},
		{"invalid state", "finished", causeResolvedTwice},
		{"invalid state", "", ""},
		{"CANCELLED", "", causeLateReply},
		{"Result is not set.", "", causeAskedEarly},
		{"Task does not support set_result operation", "", causeTaskResolved},
	}
	for _, tt := range tests {
		w := newWorld(13)
		f := at(40, "on_reply", "future.set_result(text)")
		w.p.Failures = append(w.p.Failures, &analyze.Failure{
			TimeNS: w.tick(), Process: w.p, Ended: analyze.FailedCallback, Exception: "InvalidStateError", Words: tt.words, Resolved: tt.resolved,
			Stack: stack(f), At: &f,
		})
		if got := only(t, w); got.Rule != "invalid-state" || got.Cause != tt.cause || got.Severity != analyze.Error {
			t.Errorf("%q, %q: got %s %s %q", tt.words, tt.resolved, got.Severity, got.Rule, got.Cause)
		}
	}
}

func TestUncaughtException(t *testing.T) {
	w := newWorld(13)
	f := at(7, "main", "raise KeyError")
	for _, exception := range []string{"KeyError", keyboardInterrupt, systemExit} {
		w.p.Failures = append(w.p.Failures, &analyze.Failure{TimeNS: w.tick(), Process: w.p, Ended: analyze.FailedProcess, Exception: exception, Stack: stack(f), At: &f})
	}
	if got := only(t, w); got.Rule != "uncaught-exception" || got.Severity != analyze.Note || got.At.Line != 7 {
		t.Errorf("got %+v", got)
	}
}

// TestWhereItWasClosed pins that the other end of a use is told.
func TestWhereItWasClosed(t *testing.T) {
	w := newWorld(13)
	r := w.refusedCall("Runner._lazy_init", "Runner is closed")
	r.Closed = stack(at(12, "main", "runner.close()"))
	if f := only(t, w); f.Rule != "runner-closed" || !strings.Contains(f.Message, "app.py:12") {
		t.Errorf("got %q", f.Message)
	}
	w = newWorld(13)
	l := w.loop()
	w.ran(l, "")
	w.closed(l)
	by := at(14, "main", "await loop.shutdown_default_executor()")
	l.ExecutorEnd = analyze.Moment{TimeNS: 1, At: &by}
	w.refusedCall("EventLoop._check_default_executor", defaultShutText).Loop = l
	if f := only(t, w); f.Rule != "executor-after-shutdown" || !strings.Contains(f.Message, "app.py:14") {
		t.Errorf("got %q", f.Message)
	}
	w = newWorld(13)
	by = at(5, "<module>", "asyncio.run(main())")
	w.refusedCall("get_event_loop", noCurrentText)
	w.p.LoopSets = []analyze.LoopSet{{TimeNS: 1, Thread: "MainThread", At: &by, Stack: stack(lib("asyncio/runners.py", "run"), by)}}
	if f := only(t, w); !strings.Contains(f.Message, "asyncio.run() took") || len(f.Evidence) != 2 {
		t.Errorf("got %q %+v", f.Message, f.Evidence)
	}
}
