package analyze

import (
	"fmt"
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// TestFoldedTasks pins that what is kept is bounded by KeepTasks and what something refers to.
func TestFoldedTasks(t *testing.T) {
	tr := newTrace()
	site := tr.site("job", "app.py:5:main:spawn()")
	tr.open("run_forever")
	tr.spawn(1, site)
	const n = 5000
	for id := tracefile.TaskID(2); id < n; id++ {
		tr.hot(tracefile.StepBegun, 1)
		tr.spawn(id, site)
		tr.hot(tracefile.StepBegun, id)
		tr.end(id, tracefile.OutcomeReturned, fmt.Sprint("job-", id))
	}
	run := tr.build(t, Options{KeepTasks: 10})
	if len(run.Tasks) != 11 {
		t.Errorf("%d tasks kept", len(run.Tasks))
	}
	if last := run.Tasks[10]; last.Name != "job-11" || last.Parent != run.Tasks[0] || last.Steps != 1 || last.BusyNS != ms {
		t.Errorf("last kept: %+v", last)
	}
	if f := run.Folded[0]; f.Spawned != n-1 || f.Returned != n-2 || f.BusyNS < n*ms {
		t.Errorf("folded: %+v", f)
	}
}

// TestEndlessLines pins that a task that spawns, or cancels, its neighbour for ever does not keep all of them.
func TestEndlessLines(t *testing.T) {
	tests := []struct {
		name string
		body func(tr *trace, id tracefile.TaskID, site tracefile.SiteID)
	}{
		{"parents", func(tr *trace, id tracefile.TaskID, site tracefile.SiteID) {
			tr.hot(tracefile.StepBegun, id)
			tr.spawn(id+1, site)
			tr.end(id, tracefile.OutcomeReturned, "")
		}},
		{"each cancels the one before", func(tr *trace, id tracefile.TaskID, site tracefile.SiteID) {
			tr.hot(tracefile.CallbackBegun, 0)
			tr.spawn(id+1, site)
			tr.hot(tracefile.StepBegun, id+1)
			tr.hot(tracefile.CancelRequested, id)
			tr.hot(tracefile.StepBegun, id)
			tr.end(id, tracefile.OutcomeCancelled, "")
		}},
		{"parents that cancel themselves", func(tr *trace, id tracefile.TaskID, site tracefile.SiteID) {
			tr.hot(tracefile.StepBegun, id)
			tr.hot(tracefile.CancelRequested, id)
			tr.spawn(id+1, site)
			tr.end(id, tracefile.OutcomeCancelled, "")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTrace()
			site := tr.site("job", "app.py:5:main:spawn()")
			tr.open("run_forever")
			tr.spawn(1, site)
			const n = 3000
			for id := tracefile.TaskID(1); id <= n; id++ {
				tt.body(tr, id, site)
			}
			run := tr.build(t, Options{KeepTasks: 5})
			if len(run.Tasks) > 5+2*maxLine+3 {
				t.Errorf("%d tasks kept", len(run.Tasks))
			}
			last := run.Tasks[len(run.Tasks)-1]
			if last.ID != n+1 || last.Outcome != "pending" {
				t.Errorf("last: %+v", last)
			}
			if tt.name == "parents" {
				near := 0
				for p := last.Parent; p != nil; p = p.Parent {
					near++
				}
				if near < maxLine-1 {
					t.Errorf("%d near parents kept", near)
				}
			}
		})
	}
}

// TestWaitsAreForgotten pins that a loop around asyncio.wait() keeps the last returns, and every one that timed out at its
// own place.
func TestWaitsAreForgotten(t *testing.T) {
	tr := newTrace()
	site := tr.site("job", "app.py:5:main:spawn()")
	tr.open("run_forever")
	tr.spawn(1, site)
	wait := func(stack tracefile.StackID, left tracefile.TaskID, timedOut string) {
		tr.rare(tracefile.WaitReturned, tracefile.Event{Loop: 1, Task: 1, Stack: stack}, "tasks", fmt.Sprintf("%d,1", left), "timed_out", timedOut)
	}
	once, loop := tr.stack("app.py:7:main:wait(1)"), tr.stack("app.py:8:main:wait()")
	tr.spawn(2, site)
	wait(once, 2, "1")
	for id := tracefile.TaskID(3); id < 500; id++ {
		tr.spawn(id, site)
		wait(loop, id, "0")
		tr.end(id, tracefile.OutcomeReturned, "")
	}
	run := tr.build(t, Options{KeepTasks: -1})
	waits := run.Loops[0].Waits
	if len(waits) != maxWaits+1 || !waits[0].TimedOut || waits[0].Left[0] != run.Tasks[1] || len(run.Tasks) != maxWaits+2 {
		t.Errorf("%d waits, %d tasks", len(waits), len(run.Tasks))
	}
}

// TestMutualCancel pins that two tasks which cancelled each other are both forgotten.
func TestMutualCancel(t *testing.T) {
	tr := newTrace()
	site := tr.site("job", "app.py:5:main:spawn()")
	tr.open("run_forever")
	tr.spawn(1, site)
	tr.spawn(2, site)
	for range 2 {
		tr.hot(tracefile.StepBegun, 1)
		tr.hot(tracefile.CancelRequested, 2)
		tr.hot(tracefile.StepBegun, 2)
		tr.hot(tracefile.CancelRequested, 1)
	}
	tr.end(2, tracefile.OutcomeCancelled, "")
	tr.hot(tracefile.StepBegun, 1)
	tr.end(1, tracefile.OutcomeCancelled, "")
	run := tr.build(t, Options{KeepTasks: -1})
	if len(run.Tasks) != 0 || run.Folded[0].Cancelled != 2 {
		t.Errorf("%d tasks kept, %+v", len(run.Tasks), run.Folded[0])
	}
}
