package term

import (
	"fmt"
	"strings"

	"github.com/looptrace/looptrace/analyze"
	"github.com/looptrace/looptrace/recorder/tracefile"
)

// The results that the renderers are tested with are built by hand: what a rule would say about small programs.

const dir = "/srv/app"

func frame(line int, function, text string) analyze.Frame {
	return analyze.Frame{File: dir + "/app.py", Line: line, Function: function, Qualname: function, Text: text, User: true}
}

func library(file string, line int, function, text string) analyze.Frame {
	return analyze.Frame{File: "/usr/lib/python3.13/" + file, Line: line, Function: function, Qualname: function, Text: text}
}

// program starts a result with one process and one loop.
func program() (*analyze.Result, *analyze.Process, *analyze.Loop) {
	process := &analyze.Process{
		ID: 1, PID: 4242, Main: true, Runtime: "cpython 3.13.0", Version: [3]int{3, 13, 0}, Recorder: "python",
		Argv: []string{"app.py"}, Cwd: dir, Exit: analyze.Exit{Observed: true, Reason: "exit", LiveExact: true},
	}
	loop := &analyze.Loop{ID: 1, Process: process, Class: "_UnixSelectorEventLoop", Thread: "MainThread"}
	process.Loops = []*analyze.Loop{loop}
	run := &analyze.Run{
		Info: tracefile.RunInfo{
			Command: []string{"/usr/bin/python3", "app.py"}, DurationNS: 153_200_000, Ended: true, PID: 4242,
		},
		Processes: []*analyze.Process{process},
		Loops:     []*analyze.Loop{loop},
		Health:    analyze.Health{Complete: true, Events: 31},
	}
	return &analyze.Result{Run: run, Tool: "test"}, process, loop
}

// spawn adds a task to the run.
func spawn(res *analyze.Result, name, coro string, parent *analyze.Task, at analyze.Frame) *analyze.Task {
	task := &analyze.Task{
		ID: len(res.Run.Tasks) + 1, Process: res.Run.Processes[0], Loop: res.Run.Loops[0], Name: name, Parent: parent, BirthSeen: true,
		Site:      &analyze.Site{Stack: []analyze.Frame{at}, Coro: coro, At: &at},
		SpawnedNS: int64(len(res.Run.Tasks)+1) * 1_000_000, FirstStepNS: int64(len(res.Run.Tasks)+1) * 1_100_000, Steps: 2, BusyNS: 40_000, Outcome: "pending",
	}
	res.Run.Tasks = append(res.Run.Tasks, task)
	return task
}

// suspended returns the live state of a task that waits at a line of the program.
func suspended(task *analyze.Task, at analyze.Frame, kind string) *analyze.Live {
	return &analyze.Live{
		Task: task, State: "suspended", Awaiting: []analyze.Frame{at, library("asyncio/queues.py", 186, "get", "await getter")}, At: &at,
		On: analyze.On{Kind: kind}, Steps: task.Steps, Cancelling: -1, StepsSinceCancel: -1,
	}
}

// closeAt adds a close to the run.
func closeAt(res *analyze.Result, outcome string, stack []analyze.Frame, live ...*analyze.Live) *analyze.Close {
	c := &analyze.Close{
		Index: len(res.Run.Closes), Loop: res.Run.Loops[0], Process: res.Run.Processes[0], TimeNS: 51_200_000, Outcome: outcome,
		Thread: "MainThread", Stack: stack, At: &stack[0], Live: live,
	}
	res.Run.Closes = append(res.Run.Closes, c)
	return c
}

// cancelNotAwaited is a program that cancels its tasks and closes the loop at once.
func cancelNotAwaited() *analyze.Result {
	res, process, loop := program()
	runFrame := frame(29, "<module>", "loop.run_until_complete(main(queue))")
	main := spawn(res, "Task-1", "main", nil, runFrame)
	main.Outcome, main.EndedNS = "returned", 50_000_000
	cancelAt := frame(22, "shutdown", "task.cancel()")
	var live []*analyze.Live
	for n := range 2 {
		t := spawn(res, fmt.Sprintf("consumer-%d", n), "consume", main, frame(16, "main", `asyncio.create_task(consume(queue, "c%d" % n), name="consumer-%d" % n)`))
		t.Cancels = []analyze.Cancel{{TimeNS: 51_000_000, At: &cancelAt, Stack: []analyze.Frame{cancelAt}}}
		l := suspended(t, frame(8, "consume", "item = await queue.get()"), "queue")
		l.MustCancel, l.CancelsSoFar, l.StepsSinceCancel = true, 1, 0
		live = append(live, l)
	}
	c := closeAt(res, "closed", []analyze.Frame{frame(23, "shutdown", "loop.close()"), frame(30, "<module>", "shutdown(loop)")}, live...)
	res.Findings = []analyze.Finding{{
		Rule: "pending-at-close", Severity: analyze.Error, Cause: "cancel-not-awaited",
		Message: "2 tasks were still pending when shutdown() closed their loop: they were cancelled, but the loop did not run again to deliver it",
		At:      c.At, Process: process, Loop: loop, Close: c, Tasks: []*analyze.Task{live[0].Task, live[1].Task},
		Evidence: []analyze.Evidence{
			{Text: "cancel() was called on both tasks", At: &cancelAt, TimeNS: 51_000_000},
			{Text: "neither took a step between the cancel() and the close()", TimeNS: -1},
		},
		Fix: analyze.Fix{
			Summary: "Run the loop until the cancelled tasks have ended, then close it.",
			Code:    "tasks = asyncio.all_tasks(loop)\nfor task in tasks:\n\ttask.cancel()\nloop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))\nloop.close()\n",
		},
		Follows: []string{`CPython prints "Task was destroyed but it is pending!" for consumer-0 and consumer-1 later`},
	}}
	return res
}

// closeInside is a program whose coroutine closes the loop that runs it; 300 workers are live.
func closeInside() *analyze.Result {
	res, process, loop := program()
	main := spawn(res, "main", "main", nil, frame(40, "<module>", "asyncio.run(main())"))
	shutdownAt := frame(31, "shutdown", "asyncio.get_running_loop().close()  # done (really)")
	running := suspended(main, shutdownAt, "none")
	running.State = "running"
	live := []*analyze.Live{running}
	for n := range 300 {
		t := spawn(res, fmt.Sprintf("worker-%d", n), "Pool.worker", main, frame(16, "main", `asyncio.create_task(self.worker(n), name=f"worker-{n}")`))
		l := suspended(t, frame(8, "worker", "job = await self.jobs.get()"), "queue")
		if n%100 == 0 {
			l = suspended(t, frame(9, "worker", "await asyncio.sleep(job.delay)"), "sleep")
		}
		live = append(live, l)
	}
	lock := spawn(res, "refresher", "refresh", main, frame(18, "main", "refresher = asyncio.ensure_future(refresh())"))
	onTask := suspended(lock, frame(12, "refresh", "await first"), "task")
	onTask.On.Task = live[1].Task
	live = append(live, onTask, &analyze.Live{Task: spawn(res, "late", "log", main, frame(30, "shutdown", "asyncio.create_task(log())")), State: "not-started", StepsSinceCancel: -1})
	c := closeAt(res, "refused", []analyze.Frame{shutdownAt, frame(35, "main", "await shutdown()"), library("asyncio/runners.py", 118, "run", "return self._loop.run_until_complete(task)")}, live...)
	c.Task, c.Running, c.RunningThread = main, true, "MainThread"
	res.Run.Info.ExitCode = 1
	res.Findings = []analyze.Finding{
		{
			Rule: "close-running-loop", Severity: analyze.Error, Cause: "close-in-coroutine",
			Message: "shutdown() called close() on the loop that was running it", At: c.At, Process: process, Loop: loop, Close: c,
			Fix: analyze.Fix{Summary: "Return from main() and let asyncio.run() close the loop.", Code: "async def shutdown():\n    ...  # no loop.close() here"},
		},
		{
			Rule: "cancelled-at-exit", Severity: analyze.Warning, Message: "302 tasks were cut off by the end of asyncio.run()", Process: process, Loop: loop,
			Tasks: []*analyze.Task{lock}, Fix: analyze.Fix{Summary: "Await the tasks before main() returns."},
		},
		{Rule: "interrupted", Severity: analyze.Note, Message: "Ctrl-C ended the run", Process: process},
	}
	return res
}

// handlersLeft is a server whose connection handlers were spawned by the library; the trace is cut.
func handlersLeft() *analyze.Result {
	res, process, loop := program()
	at := frame(30, "<module>", "clients = loop.run_until_complete(main())")
	var live []*analyze.Live
	for _, name := range []string{"conn-ann", "conn-bob"} {
		t := spawn(res, name, "serve_client", nil, at)
		t.Site.Via = "asyncio/streams.py:connection_made"
		live = append(live, suspended(t, frame(13, "serve_client", "line = await reader.readline()"), "io"))
	}
	t := spawn(res, "Task-9", "sleep", nil, at)
	live = append(live, &analyze.Live{Task: t, State: "suspended", Awaiting: []analyze.Frame{library("asyncio/tasks.py", 665, "sleep", "return await future")}, StepsSinceCancel: -1})
	c := closeAt(res, "closed", []analyze.Frame{frame(32, "<module>", "loop.close()")}, live...)
	res.Findings = []analyze.Finding{{
		Rule: "pending-at-close", Severity: analyze.Error, Cause: "server-handlers-left", Message: "2 connection handlers were still pending when the loop was closed",
		At: c.At, Process: process, Loop: loop, Close: c, Tasks: []*analyze.Task{live[0].Task, live[1].Task},
	}}
	res.Run.Health = analyze.Health{Events: 77, Truncated: true, Dropped: 3, Notes: []string{"the file ends in the middle of block 4 at offset 8192: what came after is lost"}}
	return res
}

// diedSuddenly is a process that was killed: no close, and what was live is rebuilt.
func diedSuddenly() *analyze.Result {
	res, process, loop := program()
	t := spawn(res, "uploader", "upload", nil, frame(20, "main", "asyncio.create_task(upload())"))
	l := suspended(t, frame(11, "upload", "await asyncio.sleep(10)"), "sleep")
	l.AsOfNS = 100_000_000
	process.Exit = analyze.Exit{Observed: true, Reason: "signal", Signal: 9, TimeNS: 153_000_000, Live: []*analyze.Live{l}}
	res.Run.Info.Signal, res.Run.Info.ExitCode = 9, -1
	res.Findings = []analyze.Finding{{
		Rule: "killed-by-signal", Severity: analyze.Error, Message: "the process was killed by SIGKILL while 1 task was live", Process: process, Loop: loop, Tasks: []*analyze.Task{t},
	}}
	return res
}

// hostile is a result in which everything that a program can choose tries to reach the terminal.
func hostile() *analyze.Result {
	res := cancelNotAwaited()
	evil := "\x1b[2J\u202e\u009b31m\r\n\x00\x7f\xff"
	res.Run.Tasks[1].Name = evil
	res.Run.Tasks[2].Name = strings.Repeat("x", 10_000)
	res.Run.Tasks[0].Name = "a\u0301" + strings.Repeat("\u0301", 10_000)
	for _, t := range res.Run.Tasks {
		t.Site.Coro += evil
		at := *t.Site.At
		at.File, at.Function, at.Text = dir+"/"+evil+strings.Repeat("d/", 500)+"app.py", evil, evil+"create_task("+strings.Repeat("(", 3000)
		t.Site.At = &at
		t.Site.Stack = []analyze.Frame{at}
	}
	f := &res.Findings[0]
	f.Message += evil + strings.Repeat("long ", 2000)
	f.Fix.Summary += evil
	f.Fix.Code += evil + "\n"
	f.Evidence[0].Text += evil
	f.Follows[0] += evil
	f.At = res.Run.Tasks[1].Site.At
	f.Close.Thread = evil
	f.Close.Task = res.Run.Tasks[1]
	f.Close.Handling = &analyze.Handling{Type: evil, At: f.At}
	f.Close.Stack = append(f.Close.Stack, *f.At)
	res.Run.Info.Command = []string{"/bin/" + evil, evil}
	res.Run.Health = analyze.Health{Notes: []string{evil}}
	return res
}

// faultless is a run without faults.
func faultless() *analyze.Result {
	res, _, _ := program()
	spawn(res, "Task-1", "main", nil, frame(29, "<module>", "asyncio.run(main())"))
	return res
}
