package analyze

import (
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// TestJobLeftAtCloseAndJoined follows a job that a close finds running, and for which the interpreter then waits.
func TestJobLeftAtCloseAndJoined(t *testing.T) {
	tr := newTrace()
	tr.open("run_until_complete")
	submit := tr.stack("asyncio/base_events.py:1:run_in_executor", "app.py:7:main:loop.run_in_executor(None, work)")
	fields := []string{"resource", "job", "id", "3", "name", "work", "state", "running", "wanted", "1", "age", "5000000", "thread_name", "pool_0"}
	tr.rare(tracefile.RunEnded, tracefile.Event{Loop: 1, Thread: 1}, "api", "run_until_complete")
	tr.rare(tracefile.CloseBegun, tracefile.Event{Loop: 1, Thread: 1})
	tr.rare(tracefile.ResourceLeft, tracefile.Event{Loop: 1, Stack: submit}, append([]string{"moment", "close"}, fields...)...)
	tr.rare(tracefile.CloseEnded, tracefile.Event{Loop: 1}, "outcome", "closed")
	tr.rare(tracefile.ExecutorJoinBegun, tracefile.Event{Thread: 1}, "id", "1", "where", "exit", "count", "1")
	tr.rare(tracefile.ResourceLeft, tracefile.Event{Loop: 1, Stack: submit}, append([]string{"moment", "join", "join", "1"}, fields...)...)
	tr.rare(tracefile.ResourceLeft, tracefile.Event{}, "moment", "join", "join", "1", "resource", "thread", "thread_name", "other")
	tr.rare(tracefile.ResourceEnded, tracefile.Event{}, "resource", "job", "id", "3", "state", "ended")
	tr.rare(tracefile.ExecutorJoinEnded, tracefile.Event{Thread: 1}, "id", "1")
	p := tr.build(t, Options{}).Processes[0]

	if len(p.Resources) != 3 || len(p.Joins) != 1 {
		t.Fatalf("%d resources, %d joins", len(p.Resources), len(p.Joins))
	}
	r, j := p.Resources[0], p.Joins[0]
	if r.Close == nil || r.Close != r.Loop.ClosedBy || r.At == nil || r.At.Line != 7 || !r.Wanted || r.Awaited || r.AgeNS != 5*ms || r.Thread != "pool_0" {
		t.Errorf("job: %+v", r)
	}
	if r.EndedNS == 0 || r.EndedNS != p.Resources[1].EndedNS || p.Resources[2].EndedNS != 0 {
		t.Errorf("ends: %d, %d, %d", r.EndedNS, p.Resources[1].EndedNS, p.Resources[2].EndedNS)
	}
	if j.Where != "exit" || len(j.Jobs) != 1 || len(j.Threads) != 1 || j.Threads[0].Thread != "other" || j.EndNS <= r.EndedNS {
		t.Errorf("join: %+v", j)
	}
}

// TestServerWait pins who waits, who serves, and how many connections are left.
func TestServerWait(t *testing.T) {
	tr := newTrace()
	site := tr.site("job", "app.py:5:main:spawn()")
	tr.open("run_forever")
	tr.spawn(1, site)
	tr.spawn(2, site)
	at := tr.stack("app.py:9:main:await server.wait_closed()")
	tr.rare(tracefile.ResourceLeft, tracefile.Event{Loop: 1, Task: 1, Stack: at}, "moment", "wait-closed", "resource", "server", "id", "1", "count", "2", "tasks", "2")
	tr.rare(tracefile.ResourceEnded, tracefile.Event{}, "resource", "server", "id", "1", "state", "raised", "count", "1")
	run := tr.build(t, Options{})
	r := run.Processes[0].Resources[0]
	if r.Owner == nil || len(r.Tasks) != 1 || r.Tasks[0] == r.Owner || r.Count != 2 || r.LeftNow != 1 || r.Ended != "raised" || r.At.Line != 9 {
		t.Errorf("wait: %+v", r)
	}
}
