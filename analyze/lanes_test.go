package analyze

import (
	"strings"
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// Loops of a Go program run beside each other, and the end of one's run ends no other's. A task that is told of no steps took
// none: nothing in Go begins it as it is made.
func TestLanesRunLoopsBesideEachOther(t *testing.T) {
	src, err := tracefile.ReadText(strings.NewReader(`looptrace 1
0 process_started pid=1 ppid=0 runtime=go1.26.8 recorder=go lanes=task
1 loop_opened loop=1 class=a
2 loop_opened loop=2 class=b
10 run_begun loop=1 api=Run
20 run_begun loop=2 api=Run
25 task_spawned task=1 loop=1 at=/app/a.go:2:main.f coro=timer
26 task_spawned task=2 loop=2 at=/app/a.go:2:main.f coro=step
27 step_begun task=2
30 run_ended loop=1 api=Run
35 task_ended task=1 number=1
36 step_ended task=2
40 close_begun loop=2 running=1
40 live_task task=2 loop=2 state=suspended on=timer await=/app/a.go:3:main.f
40 close_ended loop=2 outcome=closed
50 run_ended loop=2 api=Run
`))
	if err != nil {
		t.Fatal(err)
	}
	run, err := Build(src, Options{})
	if err != nil {
		t.Fatal(err)
	}
	a, b := run.Loops[0], run.Loops[1]
	if a.Runs[0].EndNS != 30 || b.Runs[0].EndNS != 50 {
		t.Errorf("runs ended at %d and %d, want 30 and 50", a.Runs[0].EndNS, b.Runs[0].EndNS)
	}
	if b.Runs[0].Outer != nil {
		t.Error("the second loop runs in the first")
	}
	for _, task := range run.Tasks {
		if task.Eager {
			t.Errorf("task %d is said to have begun as it was made", task.ID)
		}
	}
	if c := b.ClosedBy; c == nil || !c.Running || len(c.Live) != 1 || c.Live[0].On.Kind != "timer" {
		t.Errorf("the close is %+v", c)
	}
	if b.LastNS != 36 {
		t.Errorf("loop 2 was last seen at %d, want 36", b.LastNS)
	}
}
