package analyze

import (
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// TestForkedChild pins that a child goes on from the parent's state at the fork, not from that at the parent's end.
func TestForkedChild(t *testing.T) {
	tr := newTrace()
	site := tr.site("job", "app.py:5:main:spawn()")
	tr.open("run_forever")
	tr.spawn(1, site)
	tr.hot(tracefile.StepBegun, 1)
	tr.spawn(2, site)
	tr.spawn(3, site)
	tr.end(1, tracefile.OutcomeReturned, "starter")
	tr.hot(tracefile.StepBegun, 2)
	tr.spawn(4, site)
	tr.hot(tracefile.StepBegun, 3)
	tr.end(3, tracefile.OutcomeReturned, "")
	tr.hot(tracefile.StepBegun, 2)
	tr.rare(tracefile.ProcessForked, tracefile.Event{Thread: 1}, "fork", "1")
	tr.end(2, tracefile.OutcomeReturned, "main")
	tr.spawn(5, site)
	tr.rare(tracefile.RunEnded, tracefile.Event{Loop: 1, Thread: 1}, "api", "run_forever", "exception", "E")
	tr.rare(tracefile.CloseBegun, tracefile.Event{Loop: 1, Thread: 1})
	tr.rare(tracefile.CloseEnded, tracefile.Event{Loop: 1}, "outcome", "closed")

	tr.process(2, 200, 100, "forked", "1", "parent", "100-ab12", "fork", "1")
	tr.add(tracefile.Event{Kind: tracefile.TaskInherited, Task: 2, Number: 4})
	tr.add(tracefile.Event{Kind: tracefile.TaskInherited, Task: 1, Number: 2})
	stack := tr.stack("app.py:30:child:loop.close()")
	tr.rare(tracefile.CloseBegun, tracefile.Event{Loop: 1, Thread: 1, Task: 1, Stack: stack}, "running", "1", "pid_differs", "1")
	tr.live(1, "main", tr.chain("running", "none", "app.py:31:main:fork()"))
	tr.live(2, "beat", 0)
	tr.rare(tracefile.CloseEnded, tracefile.Event{Loop: 1}, "outcome", "refused")
	run := tr.build(t, Options{})

	child := run.Processes[1]
	if child.Parent != run.Processes[0] || child.Main || !child.Forked || !run.Processes[0].Main {
		t.Errorf("child: %+v", child)
	}
	if len(child.Loops) != 1 || child.Loops[0].Inherited != run.Loops[0] || len(child.Loops[0].Runs) != 1 || child.Loops[0].ClosedBy != nil {
		t.Fatalf("loops: %+v", child.Loops[0])
	}
	if a, b := run.Loops[0].Runs[0], child.Loops[0].Runs[0]; a == b || a.EndNS == 0 || b.EndNS != 0 || b.Loop != child.Loops[0] {
		t.Errorf("runs: %+v, %+v", a, b)
	}
	c := run.Closes[1]
	if !c.OtherProcess || c.Task.Name != "main" || briefs(c.Live) != "beat not-started@- none, main running@31 none" {
		t.Errorf("close: %+v: %s", c, briefs(c.Live))
	}
	beat, main := c.Live[0].Task, c.Live[1].Task
	if beat.Parent != main || main.Inherited != run.Tasks[1] || main.Process != child || main.Site.At.Line != 5 || main.SpawnedNS != run.Tasks[1].SpawnedNS {
		t.Errorf("main: %+v, parent of beat: %+v", main, beat.Parent)
	}
	if main.Parent == nil || main.Parent.Name != "starter" || main.Parent.Process != run.Processes[0] {
		t.Errorf("parent of main: %+v", main.Parent)
	}
	if run.Tasks[1].Outcome != "returned" || main.Outcome != "pending" || main.Steps != 2 {
		t.Errorf("outcomes: %s, %s", run.Tasks[1].Outcome, main.Outcome)
	}
	if s := briefs(child.Exit.Live); s != "beat not-started@- none, main running@- none" {
		t.Error("live at the child's end:", s)
	}
}
