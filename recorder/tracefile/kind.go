package tracefile

// Kind says what happened. New kinds may appear: a reader passes over the ones it does not know.
type Kind uint8

// Hot events are written as fixed slots, several per task; all others are rare and carry Attrs. Attribute values that name
// a stack or chain are ids; times are in Event.Time.
const (
	Undetermined Kind = iota

	// Hot.
	TaskSpawned     // Task, Loop, Site; Thread; Number: the parent's TaskID, 0 if it is the task whose step is open on that thread, or Attrs has parent=; Name?
	StepBegun       // Task. The step ends with StepEnded, or with the next hot event of the same thread that is not TaskSpawned, CancelRequested, TaskWaiting or TaskWoken; but not in a process with lanes=task
	TaskEnded       // Task, Name, Number: 1 returned, 2 raised, 3 cancelled (OutcomeReturned…). Ends the step. Exceptions: see TaskFailed
	CallbackBegun   // a handle that is no task step begins; ends the open step of the thread
	IOWaitBegun     // Loop: the loop is about to block in select; ends the open step
	IOWaitEnded     // Loop
	TaskWaiting     // Task, Chain, Name (as it is now; "" if not observed): where the suspended task stood when sampled (rate-limited: last known, not every suspension)
	CancelRequested // Task: delivery of a cancel() to the task was scheduled; Stack: by whom; the requester is the open step
	TaskFailed      // Task, Attrs type= words=? resolved=("finished"|"cancelled", of the future that was resolved again)? first_stack=(one frame: the only other line that resolves futures)? raised_stack=?: details of a TaskEnded raised; comes right before it

	// Rare. Process.
	ProcessStarted // pid ppid argv(json list) python("3.13.0") implementation("cpython") runtime("go1.26.8", in place of the two) lanes("task": steps end with StepEnded and TaskEnded only, and those of any number of tasks are open at once)? recorder("python"|"go"|"runtime/trace") cwd executable stdlib(json list of dirs) sites(json list of site-packages dirs) wall(unix ns) forked(0|1) parent(token of the stream it was forked from, absent otherwise) fork(N of that stream's process_forked)
	ProcessForked  // Stack? (of the fork), fork(N, counted per stream): a child is about to be forked here; it inherits every live task and loop. The child's process_started has forked=1 parent=TOKEN fork=N
	TaskInherited  // Task, Number: the parent's TaskID. Written by the reader at the start of a forked child's stream
	ProcessEnding  // reason("exit"|"os._exit"|"exec"|"signal") code? stack? thread task? uncaught(type)? message? uncaught_stack(stack id of the traceback, innermost first)?; LiveTask events of every loop that is not closed follow
	ThreadSeen     // Thread, name, ident(of the interpreter) native(of the system)
	NoteAdded      // text: something the recorder could not do; stopped(1: from here on what is not told may have happened all the same)?

	// Rare. Loop.
	LoopOpened        // Loop, Stack, Thread, class debug(0|1)
	LoopSet           // Loop (0: None), Thread, Stack: set_event_loop()
	RunBegun          // Loop, Thread, Stack, api("run_forever"|"run_until_complete"|"asyncio.run"|"Runner.run") Task? (target) ; nested ones each get their own
	RunEnded          // Loop, Thread, api, exception(type)? message? (asyncio's own texts only) raised_stack? stopped(0|1: stop() ended it) target_done(0|1)
	RunRefused        // Loop, Thread, Task (running one), Stack, api, message, reason("already-running"|"other-loop"|"nested-run"|"closed"), other(loop id) expected("asserted"|"named"|"broad")?
	LoopStopped       // Loop, Thread, Task, Stack: stop() was called; signal(number)? if a signal handler of the loop did it; internal=1 for run_until_complete's own
	CloseBegun        // Loop, Thread, Task (running in the caller), Stack; implicit(0|1: from __del__) running(0|1) running_thread closed(0|1: already) pid_differs(0|1: loop was opened in another process) handling(type of the exception being handled)? handling_stack? handling_context(types, comma)? expected("asserted"|"named"|"broad")? ; LiveTask events follow
	LiveTask          // Task, Chain, Loop; name, on_task(task id)?, must_cancel(0|1) cancelling(n, -1 unknown) since(when it was suspended, a time like Event.Time)? since_least(1: it was suspended then already, and perhaps before)? waiter_cancelled(0|1) log_destroy(0|1) awaited_by(comma list: "gather:pending", "gather:raised", "gather:cancelled", "shield:…", "wait", "task", "run_until_complete", "as_completed", "callback")
	CloseEnded        // Loop, outcome("closed"|"refused"|"noop"|"raised"|"seen": Go: a function that closes something was seen on a stack; function= of CloseBegun says which) exception? message?
	ShutdownBegun     // Loop, Stack, Thread, handling(type of the exception that left the run)?: asyncio.run()/Runner cancels what is left (LiveTask events follow)
	ShutdownEnded     // Loop
	LoopUsedClosed    // Loop, Thread, Task, Stack: a call was refused with "Event loop is closed"; call(function name) finalizer(0|1) expected("asserted"|"named"|"broad")?
	AsyncgensShutdown // Loop: shutdown_asyncgens() ran
	ExecutorShutdown  // Loop, Thread, Stack: shutdown_default_executor() ran

	// Rare. Context.
	SignalReceived   // number name, Loop: a handler of add_signal_handler ran; arrived=1: not that yet, but the process got the signal; inherited=1: the handler is the parent's of this forked child
	TaskShielded     // Task, Stack: shield() was put around it
	WaitReturned     // Loop, Stack, Task (caller): asyncio.wait() returned while some were pending; tasks(comma list of task ids) timed_out(0|1) count
	ExceptionHandled // Loop, Thread, Stack (where the handler was called), Task? (that the message is about), message exception(type)? words? resolved? raised_stack? callback(qualname)? callback_stack(one frame: its function)? scheduled_stack(one frame: the only line that can have made a future's method a callback)? coro(qualname: a coroutine in place of a callback)? call_stack(one frame: the only line that can have made that coroutine, or set the exception of a future)? future(type)? asyncgen(qualname)? opened_stack(of its first iteration)? refused("Cannot enter into task"|"Leaving task": the step of Task was)? running(task id: while that one ran)? forgotten(0|1: with the message about a shielded future: nothing refers to it any more)?: the loop's exception handler was called

	// Rare. Refusals and exceptions.
	CallRefused       // Loop?, Thread, Task?, Stack: a call of asyncio is about to raise; call(function qualname) exception(type) words(of asyncio's source) expected("named": a handler for such exceptions around it goes on without a word; "broad": one for all)? closed_stack(where what is used was closed)?
	ThreadFailed      // Thread: an exception ended a thread; exception words? resolved? raised_stack?
	ExceptionUnread   // Loop, Task?: at the end of the process a failed task or future (future=type) still exists whose exception nobody ever asked for; exception raised_stack? call_stack(as above)?
	CoroutineDropped  // Thread, Task?, Stack (where it was dropped)?: a coroutine went away unstarted; coro(qualname) def_stack(one frame: its function) call_stack(one frame: where it was called, if that could be told; with callback where the function was handed over)? how("line"|"function"|"search"|"exit") fate(of the result of that call: "popped"|"stored"|"passed"|"returned"|"value")? callback(1: the loop called the function back; 2: a library that had been given it)? at_end(0|1) count(of repeats, told at powers of two)?
	LoopMismatch      // Task, Loop (the task's), Thread, Stack (of the refused await, innermost first): it waits for something of another loop; other(loop) object(type) opened_stack? message
	ForeignCall       // Loop, Thread (the caller), Task?, Stack: a call that only the loop's own thread may make; call running_thread count (repeats of one stack are counted, told at powers of two)
	StoppedLoopCall   // Loop, Thread, Task?, Stack: call_soon_threadsafe() on a loop that does not run; call callback(qualname) inherited(0|1: it is the parent's of a forked child)
	ResourceLeft      // Loop?, Task? (owner; who waits for a server), Stack (where it was opened, or where the wait began): something still open at a moment; moment("close": after CloseBegun, "join": after ExecutorJoinBegun, "exit": after ProcessEnding, "wait-closed", "collected"…) resource("asyncgen"|"job"|"thread"|"subprocess"|"transport"|"server") id(the same for the same thing) name state thread_name(that works on it)? thread_stack? count? join(id of the join)? wanted(0|1: the future of a job is pending)? awaited(0|1)? age(ns)? pid? unsent(0|1)? tasks(comma list of ids: handlers of a server)?
	ResourceEnded     // what ResourceLeft told of has ended since: id resource state count(connections still open)?
	ExecutorJoinBegun // Thread, Stack: threads of executors are joined: id where("run": by asyncio.run(), "shutdown": by the program, "exit": by the interpreter, other threads as well) count(jobs); ResourceLeft events follow
	ExecutorJoinEnded // Thread, id
	AsyncgenAbandoned // Loop, Task? (its aclose(), in state "closing"), Stack (of its first iteration)?: an async generator has not ended; moment("close"|"exit": the loop will not run any more; "collected": it went away after the close) id(the same for the same one) name(qualname) state("suspended"|"iterated": a step of it is under way|"closing": its aclose() is a task|"scheduled": or about to be one|"dropped") closed(0|1: the loop) cleanup(0|1: it stands within a try, with or except) at_stack(one frame: where it stands)
	TaskBlocked       // Task: what it waits in. Comes after LiveTask events, or at a sample. on("lock"|"semaphore"|"condition"|"event"|"queue"|"barrier"|"taskgroup"|"server"|"task"|"gather"|"shield"|"wait"|"wait_for") op("get"|"put"|"join"|"acquire"…)? object(number, per process)? object_stack(where it was made)? holders(comma list of task ids)? awaits(comma list of task ids)? others(awaited futures that are no tasks)? certain(0|1: nothing but holders or awaits can end it) holder_ended(0|1) timed(0|1: a timer of the task would end it) own_limit(1: that timer was set for this wait alone)? size unfinished getters putters waiters arrived parties (numbers that asyncio keeps)?
	TaskTaken         // Task, Chain: a task that was cancelled has left the clause that caught it, the request still stands, and it is suspended again; expected(0|1: a function of it names CancelledError)
	RetainedTasks     // at the end, done tasks of one coroutine that still exist: count tasks(comma list of some of them)
	StepSampled       // Thread, Stack (innermost first): where the thread was, seen by the launcher from outside while a step took long; state(of the thread in the system: "R" runs or wants to, "S" and "D" wait, "T" and "t" stopped) over_ns cpu_ns wait_ns (of the last over_ns, how long it ran and how long it waited for a CPU)? interpreter(1: it waited, it seems for the interpreter lock, which another thread had)?
	RefusalHandled    // Thread: a loop is made, set or run while the exception of a CallRefused of the same thread is being handled
	LoopLate          // Loop, Thread: the loop found timers overdue that it did not come to earlier; count late_ns(of the one that waits longest) ready(callbacks that wait too)
	ResourceOpened    // Loop?, Task: who opened what ResourceLeft may tell of later: written where only asyncio's own frames are on the stack, as under wait_for() up to 3.11; resource id
	TestBegun         // Thread, Task? (Go: the one that runs the test: what it spawns is the test's, and the test ends with it; no other test ends): from here on another test of a test runner runs, or the same in another phase; without a name none does. runner("pytest"|"unittest"|"go test") name(as the runner names it) class(in a name of unittest)? def_stack(one frame: its method)? phase("setup"|"call"|"teardown") scope(of the fixture that is being set up or torn down, where that serves more than one test: "class"|"module"|"package"|"session"|"undetermined")?

	// Hot, where the recorder was asked for them.
	TaskWoken // Task; Thread: what the task waits for has come, and its next step was scheduled. By whom: the open step of the thread

	// Go.
	StepEnded     // Hot. Task; Chain?: the open step of the task ends, on whatever thread it is; the chain says where the task is suspended from now on, without one it can go on at any time
	SnapshotBegun // Thread, Task? (that did it), Stack?: what was live at a moment that is no close(): why("at": somebody asks for this time) ; LiveTask events follow
	StepsSummed   // Task: it took Number steps that no events tell of, in none of which it is now: busy_ns
	TasksSkipped  // Number tasks were spawned here that no events tell of
	kindCount
)

// Values of Event.Number for TaskEnded.
const (
	OutcomeReturned  = 1
	OutcomeRaised    = 2
	OutcomeCancelled = 3
)
