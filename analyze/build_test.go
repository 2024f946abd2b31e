package analyze

import (
	"testing"

	"github.com/looptrace/looptrace/recorder/tracefile"
)

// closeInside is a program whose coroutine main closes the loop that runs it, while another task sleeps.
func closeInside() *trace {
	tr := newTrace()
	main := tr.site("main", "asyncio/base_events.py:430:create_task", "asyncio/tasks.py:660:ensure_future",
		"asyncio/base_events.py:650:run_until_complete", "app.py:9:<module>:loop.run_until_complete(main())")
	producer := tr.site("producer", "asyncio/tasks.py:400:create_task", "app.py:22:main:create_task(producer())", "asyncio/events.py:80:_run")
	sleeping := tr.chain("suspended", "future", "app.py:10:producer:await asyncio.sleep(1)", "asyncio/tasks.py:655:sleep")
	running := tr.chain("running", "none", "app.py:25:main:await shutdown()")
	tr.open("run_until_complete")
	tr.spawn(1, main)
	tr.hot(tracefile.StepBegun, 1)
	tr.spawn(2, producer)
	tr.hot(tracefile.StepBegun, 2)
	tr.hot(tracefile.IOWaitBegun, 0)
	tr.hot(tracefile.IOWaitEnded, 0)
	tr.hot(tracefile.StepBegun, 1)
	closer := tr.stack("app.py:16:shutdown:loop.close()", "app.py:25:main:await shutdown()")
	tr.rare(tracefile.CloseBegun, tracefile.Event{Loop: 1, Thread: 1, Task: 1, Stack: closer}, "running", "1", "running_thread", "1")
	tr.live(1, "main", running)
	tr.live(2, "producer", sleeping, "cancelling", "0", "log_destroy", "1", "awaited_by", "gather:pending,task")
	tr.rare(tracefile.CloseEnded, tracefile.Event{Loop: 1}, "outcome", "refused")
	return tr
}

func TestCloseInside(t *testing.T) {
	run := closeInside().build(t, Options{})
	if len(run.Closes) != 1 || len(run.Tasks) != 2 || len(run.Loops) != 1 {
		t.Fatalf("%d closes, %d tasks, %d loops", len(run.Closes), len(run.Tasks), len(run.Loops))
	}
	c := run.Closes[0]
	if c.Outcome != "refused" || c.At.Function != "shutdown" || c.Thread != "MainThread" || c.Task.Name != "main" || !c.Running || c.RunningThread != "MainThread" {
		t.Errorf("close: %+v", c)
	}
	if got := briefs(c.Live); got != "main running@25 none, producer suspended@10 sleep" {
		t.Error("live:", got)
	}
	p := run.Tasks[1]
	if p.Parent != run.Tasks[0] || p.Site.At.Line != 22 || p.Site.Via != "" || p.Site.Coro != "producer" || p.Steps != 1 || p.BusyNS != ms {
		t.Errorf("producer: %+v at %+v", p, p.Site.At)
	}
	m := run.Tasks[0]
	// Its first step lasts from event 8 to event 10 and its second one to the end of what is known.
	if m.Parent != nil || m.Site.At.Line != 9 || m.Steps != 2 || m.BusyNS != 2*ms || m.SpawnRun != run.Loops[0].Runs[0] || m.Outcome != "pending" {
		t.Errorf("main: %+v", m)
	}
	if l := c.Live[1]; len(l.AwaitedBy) != 2 || !l.LogDestroy || l.Cancelling != 0 || l.StepsSinceCancel != -1 || l.Steps != 1 {
		t.Errorf("live producer: %+v", l)
	}
	if l := run.Loops[0]; l.ClosedBy != nil || l.Closes[0] != c || l.Thread != "MainThread" || l.At.Line != 1 {
		t.Errorf("loop: %+v", l)
	}
	if x := run.Processes[0].Exit; x.LiveExact || briefs(x.Live) != "main running@- none, producer suspended@- none" {
		t.Errorf("exit: %+v: %s", x, briefs(x.Live))
	}
}

func TestSuddenDeath(t *testing.T) {
	tr := newTrace()
	tr.info.ExitCode, tr.info.Signal = -1, 9
	job := tr.site("job", "app.py:5:main:spawn()")
	tr.open("run_forever")
	for id := tracefile.TaskID(1); id <= 4; id++ {
		tr.spawn(id, job)
	}
	tr.hot(tracefile.StepBegun, 1)
	tr.add(tracefile.Event{Kind: tracefile.TaskWaiting, Task: 1, Chain: tr.chain("suspended", "future", "app.py:7:job:await q.get()", "asyncio/queues.py:1:get")})
	tr.hot(tracefile.StepBegun, 2)
	tr.end(2, tracefile.OutcomeReturned, "two")
	tr.hot(tracefile.StepBegun, 3)
	run := tr.build(t, Options{})
	x := run.Processes[0].Exit
	if x.Signal != 9 || x.Code != nil || !x.Observed || x.LiveExact {
		t.Errorf("exit: %+v", x)
	}
	if got := briefs(x.Live); got != " suspended@7 queue,  running@- none,  not-started@- none" {
		t.Error("live:", got)
	}
	if x.Live[0].AsOfNS >= x.Live[1].AsOfNS {
		t.Error("the chain was seen before the end")
	}
}

// A loop that is none of asyncio's does not show the ends of its tasks: after a sudden death none of them is told as live.
func TestSuddenDeathOfAForeignLoop(t *testing.T) {
	tr := newTrace()
	tr.rare(tracefile.LoopOpened, tracefile.Event{Loop: 1, Thread: 1}, "class", "Loop")
	tr.add(tracefile.Event{Kind: tracefile.TaskSpawned, Task: 1, Loop: 1})
	run, err := Build(tr, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if live := run.Processes[0].Exit.Live; len(live) != 0 {
		t.Errorf("%d tasks told as live", len(live))
	}
}

func TestShutdownKeepsTheTwoMomentsApart(t *testing.T) {
	tr := newTrace()
	site := tr.site("job", "app.py:5:main:spawn()")
	tr.open("asyncio.run")
	tr.spawn(1, site)
	tr.hot(tracefile.StepBegun, 1)
	tr.spawn(2, site)
	tr.end(1, tracefile.OutcomeReturned, "main")
	tr.rare(tracefile.ShutdownBegun, tracefile.Event{Loop: 1, Thread: 1})
	tr.live(1, "main", 0)
	tr.live(2, "upload", 0)
	tr.add(tracefile.Event{Kind: tracefile.CancelRequested, Task: 2, Stack: tr.stack("asyncio/runners.py:70:_cancel_all_tasks", "app.py:9:<module>:asyncio.run()")})
	tr.hot(tracefile.StepBegun, 2)
	tr.end(2, tracefile.OutcomeCancelled, "upload")
	tr.rare(tracefile.ShutdownEnded, tracefile.Event{Loop: 1})
	tr.rare(tracefile.RunEnded, tracefile.Event{Loop: 1, Thread: 1}, "api", "asyncio.run")
	tr.rare(tracefile.CloseBegun, tracefile.Event{Loop: 1, Thread: 1})
	tr.rare(tracefile.CloseEnded, tracefile.Event{Loop: 1}, "outcome", "closed")
	run := tr.build(t, Options{})
	s := run.Loops[0].Shutdowns[0]
	if s.EndNS == 0 || run.Tasks[0].CancelledAtShutdown != nil || run.Tasks[1].CancelledAtShutdown != s {
		t.Errorf("shutdown: %+v", s)
	}
	c := run.Closes[0]
	if len(c.Live) != 0 || c.Before != run.Loops[0].Runs[0] || run.Loops[0].ClosedBy != c {
		t.Errorf("close: %+v", c)
	}
	if got := run.Tasks[1].Cancels; len(got) != 1 || got[0].By != nil || got[0].StepsAfter != 1 || got[0].At.Line != 9 {
		t.Errorf("cancels: %+v", got)
	}
}

func TestSignalHandlerIsTheCaller(t *testing.T) {
	tr := newTrace()
	tr.open("run_until_complete")
	tr.spawn(1, tr.site("main", "app.py:5:<module>:run()"))
	tr.hot(tracefile.CallbackBegun, 0)
	tr.rare(tracefile.SignalReceived, tracefile.Event{Loop: 1, Number: 15, Name: "SIGTERM"})
	tr.rare(tracefile.LoopStopped, tracefile.Event{Loop: 1, Thread: 1})
	tr.hot(tracefile.CallbackBegun, 0)
	tr.rare(tracefile.LoopStopped, tracefile.Event{Loop: 1, Thread: 1, Stack: tr.stack("app.py:3:stop:loop.stop()")})
	tr.rare(tracefile.LoopStopped, tracefile.Event{Loop: 1, Thread: 1}, "internal", "1")
	run := tr.build(t, Options{})
	stops := run.Loops[0].Stops
	if len(stops) != 2 || stops[0].Signal != 15 || stops[1].Signal != 0 || stops[1].At.Line != 3 || stops[0].Run != run.Loops[0].Runs[0] {
		t.Errorf("stops: %+v", stops)
	}
	if s := run.Processes[0].Signals; len(s) != 1 || s[0].Name != "SIGTERM" {
		t.Errorf("signals: %+v", s)
	}
}

// TestNestedRuns pins that asyncio.run(), whose loop is not known when it begins, becomes the outer run of its loop's.
func TestNestedRuns(t *testing.T) {
	tr := newTrace()
	begin := func(api string, l tracefile.LoopID, task tracefile.TaskID) {
		tr.rare(tracefile.RunBegun, tracefile.Event{Loop: l, Thread: 1, Task: task, Stack: tr.stack("app.py:9:<module>:asyncio.run()")}, "api", api)
	}
	begin("asyncio.run", 0, 0)
	tr.rare(tracefile.LoopOpened, tracefile.Event{Loop: 1, Thread: 1}, "class", "L")
	tr.spawn(1, tr.site("main", "app.py:9:<module>:asyncio.run()"))
	begin("run_until_complete", 1, 1)
	begin("run_forever", 1, 0)
	tr.hot(tracefile.StepBegun, 1)
	tr.rare(tracefile.LoopStopped, tracefile.Event{Loop: 1, Thread: 1, Task: 1})
	tr.rare(tracefile.RunEnded, tracefile.Event{Loop: 1, Thread: 1}, "api", "run_forever")
	tr.rare(tracefile.RunEnded, tracefile.Event{Loop: 1, Thread: 1}, "api", "run_until_complete", "exception", "RuntimeError", "stopped", "1")
	tr.rare(tracefile.RunEnded, tracefile.Event{Thread: 1}, "api", "asyncio.run", "exception", "RuntimeError")
	run := tr.build(t, Options{})
	runs := run.Loops[0].Runs
	if len(runs) != 3 {
		t.Fatalf("%d runs", len(runs))
	}
	byAPI := map[string]*LoopRun{}
	for _, r := range runs {
		byAPI[r.API] = r
	}
	if byAPI["run_forever"].Outer != byAPI["run_until_complete"] || byAPI["run_until_complete"].Outer != byAPI["asyncio.run"] || byAPI["asyncio.run"].EndNS == 0 {
		t.Errorf("nesting: %+v", byAPI)
	}
	if s := run.Loops[0].Stops[0]; s.Run != byAPI["run_until_complete"] || !s.TargetPending {
		t.Errorf("stop: %+v", s)
	}
}

func TestCollectedTask(t *testing.T) {
	tr := newTrace()
	site := tr.site("job", "app.py:5:main:spawn()")
	tr.open("run_forever")
	tr.spawn(1, site)
	tr.spawn(2, site)
	tr.rare(tracefile.RunEnded, tracefile.Event{Loop: 1, Thread: 1}, "api", "run_forever")
	tr.rare(tracefile.CloseBegun, tracefile.Event{Loop: 1, Thread: 1})
	tr.live(2, "kept", 0)
	tr.rare(tracefile.CloseEnded, tracefile.Event{Loop: 1}, "outcome", "closed")
	run := tr.build(t, Options{})
	if run.Tasks[0].Outcome != "collected" || run.Tasks[1].Outcome != "pending" {
		t.Errorf("outcomes %s, %s", run.Tasks[0].Outcome, run.Tasks[1].Outcome)
	}
	tr.next, tr.health.Dropped = 0, 1
	if run = tr.build(t, Options{}); run.Tasks[0].Outcome != "pending" {
		t.Error("with events dropped, the end of the task may be among them")
	}
}

func TestUnknownBirth(t *testing.T) {
	tr := newTrace()
	tr.open("run_forever")
	tr.hot(tracefile.StepBegun, 7)
	tr.rare(tracefile.CloseBegun, tracefile.Event{Loop: 1, Thread: 1}, "running", "1")
	tr.live(7, "old", tr.chain("running", "none", "app.py:3:work=Bot.work:x()"))
	tr.rare(tracefile.CloseEnded, tracefile.Event{Loop: 1}, "outcome", "refused")
	run := tr.build(t, Options{})
	if x := run.Tasks[0]; x.BirthSeen || x.Site.Coro != "Bot.work" || x.Loop != run.Loops[0] || x.Steps != 1 {
		t.Errorf("task: %+v, site %+v", x, x.Site)
	}
	if h := run.Health; h.Complete || len(h.Notes) != 1 || h.Notes[0] != "birth not observed: 1 task" {
		t.Errorf("health: %+v", h)
	}
}

// TestEagerTask pins that a task which ends within the step of its parent does not end that step.
func TestEagerTask(t *testing.T) {
	tr := newTrace()
	site := tr.site("job", "app.py:5:main:spawn()")
	tr.open("run_forever")
	tr.spawn(1, site)
	tr.hot(tracefile.StepBegun, 1)
	tr.spawn(2, site)
	tr.end(2, tracefile.OutcomeReturned, "eager")
	tr.spawn(3, site)
	tr.hot(tracefile.IOWaitBegun, 0)
	run := tr.build(t, Options{})
	if main := run.Tasks[0]; run.Tasks[1].Parent != main || run.Tasks[2].Parent != main || main.BusyNS != 4*ms {
		t.Errorf("main: %+v, parent of 3: %+v", main, run.Tasks[2].Parent)
	}
	if eager := run.Tasks[1]; !eager.Eager || eager.FirstStepNS != eager.SpawnedNS || run.Tasks[0].Eager || run.Tasks[2].Eager {
		t.Errorf("eager: %+v", eager)
	}
}

// A task that is suspended, though no step of it was seen, took its first step as it was spawned; one that was cancelled or
// has not begun did not.
func TestEagerTaskWaits(t *testing.T) {
	tr := newTrace()
	site := tr.site("job", "app.py:5:main:spawn()")
	tr.open("run_forever")
	tr.spawn(1, site)
	tr.hot(tracefile.StepBegun, 1)
	for id, state := range []string{2: "suspended", 3: "not-started", 4: "not-started"} {
		if state == "" {
			continue
		}
		task := tracefile.TaskID(id)
		tr.spawn(task, site)
		tr.add(tracefile.Event{Kind: tracefile.TaskWaiting, Task: task, Chain: tr.chain(state, "sleep", "app.py:7:job:wait()")})
	}
	tr.end(4, tracefile.OutcomeCancelled, "early")
	tr.hot(tracefile.StepBegun, 2)
	tr.hot(tracefile.StepBegun, 3)
	tr.hot(tracefile.IOWaitBegun, 0)
	for _, task := range tr.build(t, Options{KeepTasks: 9}).Tasks {
		if want := task.ID == 2; task.Eager != want || want && (task.Steps != 1 || task.FirstStepNS != task.SpawnedNS) {
			t.Errorf("%+v", task)
		}
	}
}

// A cancel wakes the task that waits: whoever tells of both says it once.
func TestWokenByCancel(t *testing.T) {
	tr := newTrace()
	site := tr.site("job", "app.py:5:main:spawn()")
	cancel := tr.stack("app.py:9:main:job.cancel()")
	tr.open("run_forever")
	for id := tracefile.TaskID(1); id <= 3; id++ {
		tr.spawn(id, site)
		tr.hot(tracefile.StepBegun, id)
	}
	tr.hot(tracefile.StepBegun, 1)
	tr.add(tracefile.Event{Kind: tracefile.TaskWoken, Task: 2})
	tr.add(tracefile.Event{Kind: tracefile.TaskWoken, Task: 3})
	tr.rare(tracefile.CancelRequested, tracefile.Event{Task: 3, Stack: cancel})
	tr.hot(tracefile.IOWaitBegun, 0)
	run := tr.build(t, Options{KeepTasks: 9})
	if run.Tasks[1].LastWake.Cancelled || !run.Tasks[2].LastWake.Cancelled {
		t.Errorf("%+v, %+v", run.Tasks[1].LastWake, run.Tasks[2].LastWake)
	}
}

// TestFailedExec pins that a process which goes on after exec() failed is not taken for ended.
func TestFailedExec(t *testing.T) {
	tr := newTrace()
	tr.info.Ended = false
	site := tr.site("job", "app.py:5:main:spawn()")
	tr.open("run_forever")
	tr.spawn(1, site)
	tr.rare(tracefile.ProcessEnding, tracefile.Event{Thread: 1}, "reason", "exec")
	tr.live(1, "main", 0)
	tr.hot(tracefile.StepBegun, 1)
	tr.spawn(2, site)
	run := tr.build(t, Options{})
	if x := run.Processes[0].Exit; x.Observed || x.Reason != "" || x.LiveExact || len(x.Live) != 2 {
		t.Errorf("exit: %+v", x)
	}
}

// TestSnapshotsThatProveNothing pins that a task is not called collected when it was spawned while the snapshot was taken,
// or when the snapshot was taken on another thread than the one that still runs the loop.
func TestSnapshotsThatProveNothing(t *testing.T) {
	tr := newTrace()
	tr.rare(tracefile.ThreadSeen, tracefile.Event{Thread: 2, Name: "daemon"})
	site := tr.site("job", "app.py:5:main:spawn()")
	tr.open("run_forever")
	tr.rare(tracefile.LoopOpened, tracefile.Event{Loop: 2, Thread: 2}, "class", "L")
	tr.rare(tracefile.RunBegun, tracefile.Event{Loop: 2, Thread: 2}, "api", "run_forever")
	tr.add(tracefile.Event{Kind: tracefile.TaskSpawned, Thread: 2, Task: 1, Loop: 2, Site: site})
	tr.rare(tracefile.CloseBegun, tracefile.Event{Loop: 1, Thread: 1}, "running", "1")
	tr.add(tracefile.Event{Kind: tracefile.TaskSpawned, Thread: 1, Task: 2, Loop: 1, Site: site})
	tr.rare(tracefile.CloseEnded, tracefile.Event{Loop: 1, Thread: 1}, "outcome", "refused")
	tr.rare(tracefile.ProcessEnding, tracefile.Event{Thread: 1}, "reason", "exit", "code", "0")
	tr.live(2, "two", 0)
	run := tr.build(t, Options{})
	for _, task := range run.Tasks {
		if task.Outcome != "pending" {
			t.Errorf("task %d: %s", task.ID, task.Outcome)
		}
	}
	if x := run.Processes[0].Exit; !x.LiveExact || len(x.Live) != 1 || x.Reason != "exit" {
		t.Errorf("exit: %+v", x)
	}
}

// TestCancelOverride pins that the cancel() of a Task subclass is not named as the one who cancelled.
func TestCancelOverride(t *testing.T) {
	tr := newTrace()
	tr.open("run_forever")
	tr.spawn(1, tr.site("job", "app.py:5:main:spawn()"))
	stack := tr.stack("job.py:3:cancel:return super().cancel(msg)", "app.py:8:main:job.cancel()")
	tr.add(tracefile.Event{Kind: tracefile.CancelRequested, Task: 1, Stack: stack})
	run := tr.build(t, Options{})
	if c := run.Tasks[0].Cancels; len(c) != 1 || c[0].At.Line != 8 || len(c[0].Stack) != 2 || c[0].By != nil {
		t.Errorf("cancels: %+v", c)
	}
}
