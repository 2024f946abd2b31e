// Package recorder tells looptrace what the loops of a Go program do: which tasks there are, who made them, where they wait,
// and which were still live when a loop was closed. A loop library keeps a *Loop in its loop, and a program may as well:
//
//	rec := recorder.FromEnv()            // nil unless the program runs under "looptrace run"
//	loop := rec.Loop("mailer")           // nil if rec is
//	loop.Run()
//	loop.Go(ctx, "poll", func(ctx context.Context) { … })
//	for _, t := range loop.Close() { … } // what was still live
//
// All methods do nothing on nil receivers, in 2 ns, so a library need not ask whether it is recorded. Nothing here prints,
// panics or changes what the program does; what cannot be recorded is said in the recording.
//
// A task is anything that is begun, may wait, and ends: a goroutine, a timer, a promise, a queued job, a connection. Go, Do,
// Func, FuncErr and Arg make a task of a function; Task makes one whose steps are told by Start, Wait and Done. Names and
// reasons are to be few and constant words ("poll", "reply"): they are recorded, values are not.
//
// # Loops that call back
//
// A network loop that runs all its connections on a few goroutines, as those of gnet and evio do, has one loop, and a task for
// each connection. With the names that gnet gives its handlers (evio: Serving, Opened, Data, Closed):
//
//	func (h *handler) OnBoot(gnet.Engine) gnet.Action { h.loop.Run(); return gnet.None }
//
//	func (h *handler) OnOpen(c gnet.Conn) ([]byte, gnet.Action) {
//		_, t := h.loop.Task(context.Background(), "conn")
//		c.SetContext(t)
//		t.Wait("read")
//		return nil, gnet.None
//	}
//
//	func (h *handler) OnTraffic(c gnet.Conn) gnet.Action {
//		t := c.Context().(*recorder.Task)
//		t.Start()
//		defer t.Wait("read")
//		…
//	}
//
//	func (h *handler) OnClose(c gnet.Conn, err error) gnet.Action {
//		c.Context().(*recorder.Task).Done(err)
//		return gnet.None
//	}
//
//	func (h *handler) OnShutdown(gnet.Engine) { h.loop.Stop(); h.loop.Close() }
//
// # Pools, queues, timers
//
//	wg.Go(loop.Func(ctx, "thumbnail", work))                // sync.WaitGroup
//	g.Go(loop.FuncErr(ctx, "fetch", fetch))                 // errgroup.Group
//	pool.Submit(loop.Func(ctx, "job", job))                 // a task from here on: one that never begins was left in the queue
//	js.RunOnLoop(recorder.Arg(loop, ctx, "script", script)) // func(*goja.Runtime)
//	t := time.AfterFunc(d, loop.Func(ctx, "timeout", f))    // if t.Stop() is true, the task has to be ended with a Task of one's own
//
// # Tests
//
//	loop := recorder.New().Loop("pool")
//	recorder.Verify(t, loop) // at the end of t: fails if tasks of this loop are live, and lists them
//
// # What it does to the program
//
// Start and Wait take some 50 to 80 ns and allocate nothing; a task takes some 400 ns and 160 bytes. Goroutines get the labels
// looptrace.task (the ID; that of a second Recorder in the process as 2.ID) and looptrace.name while they run a task; after a
// function of Func, FuncErr and Arg they have those of its context again, as with pprof.Do. A close with a live task on a
// goroutine stops the program for as long as a goroutine profile does. While an execution trace is being written (also by a
// flight recorder), tasks are in it as user tasks. What is recorded is in files at once, readable by their owner only, and is
// not lost when the program is killed.
package recorder
