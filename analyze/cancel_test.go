package analyze

import (
	"strings"
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// cancelled is a task that is cancelled while it waits at app.py:10, and takes a step for that.
func cancelled() (tr *trace, waits, elsewhere tracefile.ChainID) {
	tr = newTrace()
	waits = tr.chain("suspended", "future", "app.py:10:work:await asyncio.sleep(1)", "asyncio/tasks.py:655:sleep")
	elsewhere = tr.chain("suspended", "future", "app.py:14:work:await flush()")
	tr.open("run_forever")
	tr.spawn(1, tr.site("work", "app.py:5:main:spawn()"))
	tr.hot(tracefile.StepBegun, 1)
	tr.hot(tracefile.IOWaitBegun, 0)
	tr.add(tracefile.Event{Kind: tracefile.TaskWaiting, Task: 1, Chain: waits})
	tr.add(tracefile.Event{Kind: tracefile.CancelRequested, Task: 1, Stack: tr.stack("app.py:8:main:task.cancel()")})
	tr.hot(tracefile.StepBegun, 1)
	tr.hot(tracefile.IOWaitBegun, 0)
	return tr, waits, elsewhere
}

func TestCancelIgnored(t *testing.T) {
	tr, waits, elsewhere := cancelled()
	tr.rare(tracefile.TaskTaken, tracefile.Event{Task: 1, Chain: elsewhere})
	tr.hot(tracefile.StepBegun, 1)
	tr.hot(tracefile.IOWaitBegun, 0)
	tr.rare(tracefile.TaskTaken, tracefile.Event{Task: 1, Chain: waits})
	tr.end(1, tracefile.OutcomeReturned, "work")
	c := tr.build(t, Options{KeepTasks: -1}).Tasks[0].Cancels[0]
	if c.AwaitedAt == nil || c.AwaitedAt.Line != 10 || c.On != "sleep" || len(c.Awaiting) != 2 || c.StepsAfter != 2 {
		t.Errorf("cancel: %+v", c)
	}
	if len(c.Ignored) != 2 || c.Ignored[0].Same || c.Ignored[0].At.Line != 14 || c.Ignored[0].Steps != 1 || !c.Ignored[1].Same || c.Ignored[1].Steps != 2 {
		t.Errorf("went on: %+v", c.Ignored)
	}
}

// TestCancelTakenNeedsAStep: a fact that comes before the task can have taken its cancellation says nothing.
func TestCancelTakenNeedsAStep(t *testing.T) {
	tr, waits, _ := cancelled()
	tr.add(tracefile.Event{Kind: tracefile.CancelRequested, Task: 1, Stack: tr.stack("app.py:8:main:task.cancel()")})
	tr.rare(tracefile.TaskTaken, tracefile.Event{Task: 1, Chain: waits})
	for i, c := range tr.build(t, Options{}).Tasks[0].Cancels {
		if len(c.Ignored) != 0 {
			t.Errorf("cancel %d: %+v", i, c.Ignored)
		}
	}
}

func TestGrowth(t *testing.T) {
	tr := newTrace()
	tr.open("run_forever")
	parent, left := tr.site("request", "app.py:5:main:spawn()"), tr.site("left", "app.py:9:request:spawn()")
	pool := tr.site("pool", "app.py:6:main:spawn()")
	const requests = 1000
	tr.hot(tracefile.StepBegun, 0)
	for i := range 50 {
		tr.spawn(tracefile.TaskID(5000+i), pool)
	}
	for i := range requests {
		request := tracefile.TaskID(2*i + 1)
		tr.spawn(request, parent)
		tr.hot(tracefile.StepBegun, request)
		tr.spawn(request+1, left)
		tr.end(request, tracefile.OutcomeReturned, "request")
	}
	for _, c := range tr.build(t, Options{KeepTasks: -1}).Folded {
		switch c.Site.Coro {
		case "left":
			n := len(c.Growth)
			if c.Spawned != requests || c.Batches != requests || n < maxGrowth/4 || n > maxGrowth {
				t.Fatalf("left: %d spawned in %d batches, %d points", c.Spawned, c.Batches, n)
			}
			for i, g := range c.Growth {
				if g.Live != g.Spawned || i > 0 && g.Spawned <= c.Growth[i-1].Spawned {
					t.Errorf("point %d: %+v", i, g)
				}
			}
		case "request":
			if g := c.Growth[len(c.Growth)-1]; g.Live != 1 {
				t.Errorf("requests live: %+v", g)
			}
		case "pool":
			if c.Spawned != 50 || c.Batches != 1 {
				t.Errorf("pool: %d spawned in %d batches", c.Spawned, c.Batches)
			}
		}
	}
}

func TestRetained(t *testing.T) {
	tr := newTrace()
	tr.open("run_forever")
	kept := tr.site("probe", "app.py:5:main:spawn()")
	for id := range tracefile.TaskID(3) {
		tr.spawn(id+1, kept)
		tr.hot(tracefile.StepBegun, id+1)
		tr.end(id+1, tracefile.OutcomeReturned, "")
	}
	tr.rare(tracefile.RetainedTasks, tracefile.Event{}, "count", "120", "tasks", "1,2,3,99")
	p := tr.build(t, Options{}).Processes[0]
	if len(p.Retained) != 1 || p.Retained[0].Count != 120 || p.Retained[0].Site.Coro != "probe" || len(p.Retained[0].Tasks) != 3 {
		t.Errorf("retained: %+v", p.Retained)
	}
}

func TestResumed(t *testing.T) {
	resumed := func(cancel bool) *Resumption {
		tr := newTrace()
		tr.rare(tracefile.LoopOpened, tracefile.Event{Loop: 1, Thread: 1}, "class", "L")
		run := func(task tracefile.TaskID, exception string) {
			at := tracefile.Event{Loop: 1, Thread: 1, Task: task, Stack: tr.stack("app.py:9:<module>:loop.run()")}
			tr.rare(tracefile.RunBegun, at, "api", "run_until_complete")
			tr.hot(tracefile.StepBegun, 1)
			tr.hot(tracefile.IOWaitBegun, 0)
			tr.rare(tracefile.RunEnded, tracefile.Event{Loop: 1, Thread: 1, Task: task}, strings.Fields("api run_until_complete"+exception)...)
		}
		site := tr.site("main", "app.py:9:<module>:loop.run()")
		tr.spawn(1, site)
		tr.spawn(2, site)
		run(1, " exception KeyboardInterrupt")
		if cancel {
			tr.add(tracefile.Event{Kind: tracefile.CancelRequested, Task: 1})
		}
		run(2, "")
		run(2, "")
		runs := tr.build(t, Options{}).Loops[0].Runs
		if r := runs[0].Resumed; r == nil || r.In != runs[1] || runs[1].Resumed != nil {
			t.Fatalf("resumed: %+v", r)
		}
		return runs[0].Resumed
	}
	if r := resumed(false); r.Steps != 1 || r.Cancelled {
		t.Errorf("resumed: %+v", r)
	}
	if r := resumed(true); !r.Cancelled {
		t.Errorf("resumed: %+v", r)
	}
}
