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
package recorder
