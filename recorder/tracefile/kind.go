package tracefile

// Kind says what happened. New kinds may appear: a reader passes over the ones it does not know.
type Kind uint8

// Hot events are written as fixed slots, several per task; all others are rare and carry Attrs. Attribute values that name
// a stack or chain are ids; times are in Event.Time.
const (
	Undetermined Kind = iota

	// Hot.
	TaskSpawned     // Task, Loop, Site; Thread. The parent is the task whose step is open on that thread, unless Attrs has parent=
	StepBegun       // Task. The step ends with the next hot event of the same thread that is not TaskSpawned, CancelRequested or TaskWaiting
	TaskEnded       // Task, Name, Number: 1 returned, 2 raised, 3 cancelled (OutcomeReturned…). Ends the step. Exceptions: see TaskFailed
	CallbackBegun   // a handle that is no task step begins; ends the open step of the thread
	IOWaitBegun     // Loop: the loop is about to block in select; ends the open step
	IOWaitEnded     // Loop
	TaskWaiting     // Task, Chain, Name (as it is now; "" if not observed): where the suspended task stood when sampled (rate-limited: last known, not every suspension)
	CancelRequested // Task: delivery of a cancel() to the task was scheduled; Stack: by whom; the requester is the open step
	TaskFailed      // Task, Attrs type=, message=?: details of a TaskEnded raised; comes right before it

	// Rare. Process.
	ProcessStarted // pid ppid argv(json list) python("3.13.0") implementation("cpython") recorder("python") cwd executable stdlib(json list of dirs) sites(json list of site-packages dirs) wall(unix ns) forked(0|1) parent(token of the stream it was forked from, absent otherwise) fork(N of that stream's process_forked)
	ProcessForked  // fork(N, counted per stream): a child is about to be forked here; it inherits every live task and loop. The child's process_started has forked=1 parent=TOKEN fork=N
	TaskInherited  // Task, Number: the parent's TaskID. Written by the reader at the start of a forked child's stream
	ProcessEnding  // reason("exit"|"os._exit"|"exec"|"signal") code? stack? thread task? uncaught(type)? message? uncaught_stack(stack id of the traceback, innermost first)?; LiveTask events of every loop that is not closed follow
	ThreadSeen     // Thread, name
	NoteAdded      // text: something the recorder could not do

	// Rare. Loop.
	LoopOpened        // Loop, Stack, Thread, class debug(0|1)
	LoopSet           // Loop (0: None), Thread, Stack: set_event_loop()
	RunBegun          // Loop, Thread, Stack, api("run_forever"|"run_until_complete"|"asyncio.run"|"Runner.run") Task? (target) ; nested ones each get their own
	RunEnded          // Loop, Thread, api, exception(type)? message? (asyncio's own texts only) raised_stack? stopped(0|1: stop() ended it) target_done(0|1)
	RunRefused        // Loop, Thread, Task (running one), Stack, api, message, reason("already-running"|"other-loop"|"nested-run"|"closed"), other(loop id)
	LoopStopped       // Loop, Thread, Task, Stack: stop() was called; signal(number)? if a signal handler of the loop did it; internal=1 for run_until_complete's own
	CloseBegun        // Loop, Thread, Task (running in the caller), Stack; implicit(0|1: from __del__) running(0|1) running_thread closed(0|1: already) pid_differs(0|1: loop was opened in another process) handling(type of the exception being handled)? handling_stack? handling_context(types, comma)? ; LiveTask events follow
	LiveTask          // Task, Chain, Loop; name, on_task(task id)?, must_cancel(0|1) cancelling(n, -1 unknown) waiter_cancelled(0|1) log_destroy(0|1) awaited_by(comma list: "gather:pending", "gather:raised", "gather:cancelled", "shield:…", "wait", "task", "run_until_complete", "as_completed", "callback")
	CloseEnded        // Loop, outcome("closed"|"refused"|"noop"|"raised") exception? message?
	ShutdownBegun     // Loop, Stack, Thread: asyncio.run()/Runner cancels what is left (LiveTask events follow)
	ShutdownEnded     // Loop
	LoopUsedClosed    // Loop, Thread, Task, Stack: a call was refused with "Event loop is closed"; call(function name) finalizer(0|1)
	AsyncgensShutdown // Loop: shutdown_asyncgens() ran
	ExecutorShutdown  // Loop: shutdown_default_executor() ran

	// Rare. Context.
	SignalReceived   // number name, Loop: a handler of add_signal_handler ran
	TaskShielded     // Task, Stack: shield() was put around it
	WaitReturned     // Loop, Stack, Task (caller): asyncio.wait() returned while some were pending; tasks(comma list of task ids) timed_out(0|1) count
	ExceptionHandled // Loop, Task?, message exception(type)?: the loop's exception handler was called
	kindCount
)

// Values of Event.Number for TaskEnded.
const (
	OutcomeReturned  = 1
	OutcomeRaised    = 2
	OutcomeCancelled = 3
)
