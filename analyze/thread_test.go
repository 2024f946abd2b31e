package analyze

import (
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// TestParentOnSharedThread pins that the step of one loop's task makes it no parent of another loop's task when thread 31
// stands for several; a thread of its own may well spawn on another loop.
func TestParentOnSharedThread(t *testing.T) {
	tests := []struct {
		name    string
		threads tracefile.ThreadID // that were seen
		loop    tracefile.LoopID   // that the task is spawned on
		parent  bool
	}{
		{"thread 31 alone", 31, 2, true},
		{"shared, another loop", 32, 2, false},
		{"shared, the same loop", 32, 1, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr := newTrace()
			tr.open("run_forever")
			for id := tracefile.ThreadID(2); id <= tt.threads; id++ {
				tr.rare(tracefile.ThreadSeen, tracefile.Event{Thread: id, Name: "t"})
			}
			site := tr.site("work", "app.py:3:main:create_task(work())")
			tr.rare(tracefile.LoopOpened, tracefile.Event{Loop: 2, Thread: 31}, "class", "Loop")
			tr.spawn(1, site)
			tr.add(tracefile.Event{Kind: tracefile.StepBegun, Task: 1, Thread: 31})
			tr.add(tracefile.Event{Kind: tracefile.TaskSpawned, Task: 2, Thread: 31, Loop: tt.loop, Site: site})
			tasks := tr.build(t, Options{}).Tasks
			if got := tasks[1].Parent != nil; got != tt.parent {
				t.Errorf("parent %+v", tasks[1].Parent)
			}
		})
	}
}
