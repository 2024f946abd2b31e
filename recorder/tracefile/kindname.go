package tracefile

import "strconv"

// kindNames are the names of the kinds in files; a name is never reused for something else.
var kindNames = [kindCount]string{
	Undetermined:      "undetermined",
	TaskSpawned:       "task_spawned",
	StepBegun:         "step_begun",
	TaskEnded:         "task_ended",
	CallbackBegun:     "callback_begun",
	IOWaitBegun:       "io_wait_begun",
	IOWaitEnded:       "io_wait_ended",
	TaskWaiting:       "task_waiting",
	CancelRequested:   "cancel_requested",
	TaskFailed:        "task_failed",
	ProcessStarted:    "process_started",
	ProcessForked:     "process_forked",
	TaskInherited:     "task_inherited",
	ProcessEnding:     "process_ending",
	ThreadSeen:        "thread_seen",
	NoteAdded:         "note_added",
	LoopOpened:        "loop_opened",
	LoopSet:           "loop_set",
	RunBegun:          "run_begun",
	RunEnded:          "run_ended",
	RunRefused:        "run_refused",
	LoopStopped:       "loop_stopped",
	CloseBegun:        "close_begun",
	LiveTask:          "live_task",
	CloseEnded:        "close_ended",
	ShutdownBegun:     "shutdown_begun",
	ShutdownEnded:     "shutdown_ended",
	LoopUsedClosed:    "loop_used_closed",
	AsyncgensShutdown: "asyncgens_shutdown",
	ExecutorShutdown:  "executor_shutdown",
	SignalReceived:    "signal_received",
	TaskShielded:      "task_shielded",
	WaitReturned:      "wait_returned",
	ExceptionHandled:  "exception_handled",
	CallRefused:       "call_refused",
	ThreadFailed:      "thread_failed",
	ExceptionUnread:   "exception_unread",
	CoroutineDropped:  "coroutine_dropped",
	LoopMismatch:      "loop_mismatch",
	ForeignCall:       "foreign_call",
	StoppedLoopCall:   "stopped_loop_call",
	ResourceLeft:      "resource_left",
	ResourceEnded:     "resource_ended",
	ExecutorJoinBegun: "executor_join_begun",
	ExecutorJoinEnded: "executor_join_ended",
	AsyncgenAbandoned: "asyncgen_abandoned",
	TaskBlocked:       "task_blocked",
	TaskTaken:         "task_taken",
	StepSampled:       "step_sampled",
	RetainedTasks:     "retained_tasks",
	RefusalHandled:    "refusal_handled",
	LoopLate:          "loop_late",
	ResourceOpened:    "resource_opened",
	TestBegun:         "test_begun",
	TaskWoken:         "task_woken",
	StepEnded:         "step_ended",
	SnapshotBegun:     "snapshot_begun",
	StepsSummed:       "steps_summed",
	TasksSkipped:      "tasks_skipped",
}

// String returns the name of the kind in files, "task_spawned".
func (k Kind) String() string {
	if k < kindCount && kindNames[k] != "" {
		return kindNames[k]
	}
	return "kind(" + strconv.Itoa(int(k)) + ")"
}

// ParseKind returns the kind that is called name.
func ParseKind(name string) (Kind, bool) {
	// The compiler turns no loop into a table; this runs once per rare event and once per line of text.
	for k := Undetermined + 1; k < kindCount; k++ {
		if kindNames[k] == name {
			return k, true
		}
	}
	return Undetermined, false
}
