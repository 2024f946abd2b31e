"""Loops: open, run, stop, close and what was refused. Rare, so every fact takes the whole stack."""
import _signal
import types
from _thread import get_ident

from .inject import around, beside, both, calls, enter, hook, on_branch
from .looks import Looks
from .names import type_name
from .own import sys
from .spool import IO_WAIT_ENDED, clock, escape

HANDLERS = (types.FunctionType, types.MethodType)
LONG = 0.02  # seconds: a wait that is worth a sample of its own


class Loops(Looks):
    """The loop hooks of one process. Enter hooks return what the leave hook needs; None means: nothing was recorded."""

    HOOKS = (
        "opened", "run_enter", "run_target", "run_leave", "forever_enter", "stop", "close_enter", "close_leave",
        "used_closed", "refused_running", "refused_other", "refused_nested", "shutdown_enter", "shutdown_leave",
        "asyncgens", "executor", "signal", "shielded", "waited",
    )  # fmt: skip

    def __init__(self, recording):
        super().__init__(recording)
        self.closing = set()
        # Only these are asked twice: another selector may have a clock of its own.
        selectors = self.asyncio.selector_events.selectors
        names = ("EpollSelector", "KqueueSelector", "DevpollSelector", "PollSelector", "SelectSelector")
        self.selectors = frozenset([getattr(selectors, n) for n in names if hasattr(selectors, n)])

    def put(self, hooks):
        asyncio = self.asyncio
        base = asyncio.base_events.BaseEventLoop
        put = hooks.put
        put(base.__init__, around("pass", hook("opened", "self")))
        put(
            base.run_until_complete,
            both(
                around(enter("run_enter", "self, future"), hook("run_leave", "_lt_state, future")),
                beside(calls("add_done_callback"), before=hook("run_target", "_lt_state, future")),
            ),
        )
        put(base.run_forever, around(enter("forever_enter"), hook("run_leave", "_lt_state, None")))
        put(base.stop, around(hook("stop", "self")))
        closing = around(enter("close_enter"), hook("close_leave", "_lt_state"))
        put(base.close, closing)
        put(asyncio.selector_events.BaseSelectorEventLoop.close, closing)
        if hasattr(asyncio, "unix_events"):
            unix = asyncio.unix_events._UnixSelectorEventLoop
            put(unix.close, closing)
            put(unix._handle_signal, around(hook("signal", "self, sig")))
        put(base._check_closed, on_branch("_closed", hook("used_closed", "self")))
        put(base._check_running, on_branch("is_running", hook("refused_running", "self")))
        put(base._check_running, on_branch("_get_running_loop", hook("refused_other", "self")))
        put(base.shutdown_asyncgens, around(hook("asyncgens", "self")))
        if hasattr(base, "shutdown_default_executor"):
            put(base.shutdown_default_executor, around(hook("executor", "self")))
        put(asyncio.tasks.shield, around("inner = None", hook("shielded", "inner")))
        put(asyncio.tasks._wait, around("pass", hook("waited", "fs, timeout, return_when, loop")))
        self.put_runners(hooks)

    def put_runners(self, hooks):
        runners = self.asyncio.runners
        refused = on_branch("_get_running_loop", hook("refused_nested", ""))
        hooks.put(runners.run, refused)
        if hasattr(runners, "Runner"):
            hooks.put(runners.Runner.run, refused)
        hooks.put(runners._cancel_all_tasks, around(enter("shutdown_enter", "loop"), hook("shutdown_leave", "_lt_state")))

    def constants(self):
        """Returns the hooks by the names that the injected code uses."""
        found = super().constants()
        found["<lt:idle>"] = self.idle
        found["<lt:hanging>"] = self.hanging
        found["<lt:sample>"] = self.sample
        found["<lt:busy>"] = self.busy
        found["<lt:due>"] = self.live.due
        return found

    # Opened.

    def opened(self, loop):
        frame = sys._getframe(2)
        while frame is not None and frame.f_code.co_name == "__init__" and frame.f_locals.get("self") is loop:
            frame = frame.f_back
        number = self.threads.open(loop, self.intern.stack(frame))
        self.births[number] = self.spool.pid
        self.recording.replaced.look(loop)

    # Run.

    def run_enter(self, loop, future):
        """run_until_complete() begins. Its target is not a task yet; run_target() tells when it is."""
        return [loop, None, sys._getframe(3), sys.exc_info()[1]]

    def run_target(self, state, future):
        if state is not None:
            self.run_begun(state, "run_until_complete", future)

    def forever_enter(self, loop):
        """run_forever() begins; None if run_until_complete() called it or it is about to be refused."""
        caller = sys._getframe(3)
        if loop._closed or loop.is_running() or self.asyncio.events._get_running_loop() is not None:
            return None
        self.threads.runs_loop()
        state = [loop, None, caller, sys.exc_info()[1]]
        if caller.f_code.co_name == "run_until_complete" and caller.f_code.co_filename.startswith(self.library):
            self.begin_current(state)
            return None
        self.run_begun(state, "run_forever", None)
        self.begin_current(state)
        return state

    def begin_current(self, state):
        self.live.due[1] = LONG if type(getattr(state[0], "_selector", None)) in self.selectors else 0.0
        if not self.threads.many:
            self.steps.loop_changed(state[0], self.threads.loops(state[0]))

    def run_begun(self, state, api, future):
        loop, _, caller, _ = state
        self.threads.runs_loop()
        number = self.threads.loops(loop)
        thread = self.threads.number()
        if caller is not None and caller.f_code.co_filename == self.asyncio.runners.__file__ and caller.f_code.co_name == "run":
            api = "Runner.run" if caller.f_back is not None and not (
                caller.f_back.f_code.co_filename == caller.f_code.co_filename and caller.f_back.f_code.co_name == "run"
            ) and hasattr(self.asyncio.runners, "Runner") else "asyncio.run"
        fields = ["loop=%d" % number, "thread=%d" % thread, "stack=%d" % self.intern.stack(caller), "api=" + api]
        if isinstance(future, (self.live.Task, self.live.PyTask)):
            fields.append("task=@%x" % id(future))
        state[1] = (number, api)
        state[2] = None
        self.spool.fact("run_begun", *fields)

    def run_leave(self, state, future):
        if state is None or state[1] is None:
            return
        loop, (number, api), _, before = state
        thread = self.threads.number()
        self.steps.current[0] = None
        self.spool.put(IO_WAIT_ENDED + self.threads.tag(), clock())  # ends the open step
        fields = ["loop=%d" % number, "thread=%d" % thread, "api=" + api]
        if isinstance(future, (self.live.Task, self.live.PyTask)):
            fields.append("task=@%x" % id(future))
            fields.append("target_done=%d" % self.live.done(future))
        elif future is not None and hasattr(future, "_state"):
            fields.append("target_done=%d" % (future._state != "PENDING"))
        exc = sys.exc_info()[1]
        if exc is not None and exc is not before:
            fields += self.exception(exc)
        self.spool.fact("run_ended", *fields)
        self.recording.moment("run-end", loop, number)

    # Stop.

    def stop(self, loop):
        caller = sys._getframe(3)
        if caller.f_code.co_name == "_run_until_complete_cb":
            return
        fields = ["loop=%d" % self.threads.loops(loop)] + self.where() + self.running_task(loop)
        number = self.signal_of(loop, caller)
        if number:
            fields.append("signal=%d" % number)
        self.spool.fact("loop_stopped", *fields)

    def signal_of(self, loop, frame):
        """Returns the number of the signal whose handler is running above frame, 0 if none is.

        Handlers of add_signal_handler() are callbacks of the loop; those of signal.signal() run in the main thread, anywhere.
        """
        codes = self.handler_codes()
        while frame is not None:
            if id(frame.f_code) in codes:
                return codes[id(frame.f_code)]
            if id(frame.f_code) in self.steps.handle_codes:
                handle = frame.f_locals.get("self")
                for number, known in list(getattr(loop, "_signal_handlers", {}).items()):
                    if known is handle:
                        return int(number)
                return 0
            frame = frame.f_back
        return 0

    def handler_codes(self):
        """Returns the signal number by id of the code of the handlers that are functions, if this is the main thread."""
        found = {}
        if getattr(self.threads.active.get(get_ident()), "_name", "") == "MainThread":
            for number in _signal.valid_signals():
                handler = _signal.getsignal(number)
                code = getattr(getattr(handler, "__func__", handler), "__code__", None) if type(handler) in HANDLERS else None
                if code is not None:
                    found[id(code)] = int(number)
        return found

    # Close.

    def close_enter(self, loop):
        key = (get_ident(), id(loop))
        if key in self.closing:
            return None
        caller = sys._getframe(3)
        number = self.threads.loops(loop)
        implicit = caller.f_code.co_name == "__del__" and caller.f_code.co_filename.startswith(self.library)
        was_closed = bool(loop._closed)
        handling = sys.exc_info()[1]
        fields = ["loop=%d" % number] + self.where() + self.running_task(loop)
        fields += ["implicit=%d" % implicit, "running=%d" % loop.is_running(), "closed=%d" % was_closed]
        fields.append("pid_differs=%d" % (self.births.get(number, self.spool.pid) != self.spool.pid))
        ident = loop._thread_id
        if ident is not None and ident in self.threads.known:
            fields.append("running_thread=%d" % self.threads.known[ident][0])
        signal = self.signal_of(loop, caller)
        if signal:
            fields.append("signal=%d" % signal)
        if not implicit and loop.is_running():
            fields += self.recording.handlers.expected(caller, "RuntimeError")
        if handling is not None:
            fields += self.handling(handling)
        self.spool.fact("close_begun", *fields)
        if not was_closed and not implicit:
            self.live.facts(loop, number)
            self.recording.moment("close", loop, number)
        self.closing.add(key)
        return [loop, number, was_closed, handling, key]

    def handling(self, exc):
        """Returns the fields of the exception that the caller is handling."""
        fields = ["handling=" + escape(type_name(exc))]
        if exc.__traceback__ is not None:
            fields.append("handling_stack=%d" % self.intern.traceback(exc.__traceback__))
        names = []
        context = exc.__context__
        while context is not None and len(names) < 8:
            names.append(escape(type_name(context)))
            context = context.__context__
        if names:
            fields.append("handling_context=" + ",".join(names))
        return fields

    def close_leave(self, state):
        if state is None:
            return
        loop, number, was_closed, handling, key = state
        self.closing.discard(key)
        exc = sys.exc_info()[1]
        fields = ["loop=%d" % number]
        if exc is not None and exc is not handling:
            fields.append("outcome=" + ("refused" if not loop._closed and loop.is_running() else "raised"))
            fields += self.exception(exc)
        else:
            fields.append("outcome=" + ("noop" if was_closed else "closed"))
        self.spool.fact("close_ended", *fields)

    # Refused.

    def used_closed(self, loop):
        call = sys._getframe(3)
        finalizer = False
        frame = call
        while frame is not None:
            if frame.f_code.co_name == "__del__":
                finalizer = True
            frame = frame.f_back
        name = call.f_code.co_name
        self.spool.fact(
            "loop_used_closed", "loop=%d" % self.threads.loops(loop), *self.where(1), *self.running_task(),
            "call=" + escape(name), "finalizer=%d" % finalizer, *self.recording.handlers.expected(call.f_back, "RuntimeError"),
        )  # fmt: skip

    def refused(self, loop, reason, message):
        frame = sys._getframe(3)
        api = frame.f_code.co_name
        while frame is not None and frame.f_code.co_filename in (self.asyncio.base_events.__file__, self.asyncio.runners.__file__):
            api = frame.f_code.co_name
            frame = frame.f_back
        running = self.asyncio.events._get_running_loop()
        fields = ["loop=%d" % (self.threads.loops(loop) if loop is not None else 0)]
        fields += ["thread=%d" % self.threads.number(), "stack=%d" % self.intern.stack(frame)] + self.running_task()
        fields += ["api=" + api, "reason=" + reason, "message=" + escape(message)]
        if running is not None:
            fields.append("other=%d" % self.threads.loops(running))
        fields += self.recording.handlers.expected(frame, "RuntimeError")
        self.spool.fact("run_refused", *fields)

    def refused_running(self, loop):
        self.refused(loop, "already-running", "This event loop is already running")

    def refused_other(self, loop):
        self.refused(loop, "other-loop", "Cannot run the event loop while another loop is running")

    def refused_nested(self):
        self.refused(None, "nested-run", "asyncio.run() cannot be called from a running event loop")

    # Shutdown.

    def shutdown_enter(self, loop):
        number = self.threads.loops(loop)
        fields = ["loop=%d" % number] + self.where()
        exc = sys.exc_info()[1]
        if exc is not None:
            fields.append("handling=" + escape(type_name(exc)))
        self.spool.fact("shutdown_begun", *fields)
        self.live.facts(loop, number)
        self.recording.moment("shutdown", loop, number)
        return number

    def shutdown_leave(self, number):
        if number:
            self.spool.fact("shutdown_ended", "loop=%d" % number)

    def asyncgens(self, loop):
        self.spool.fact("asyncgens_shutdown", "loop=%d" % self.threads.loops(loop))

    def executor(self, loop):
        self.spool.fact("executor_shutdown", "loop=%d" % self.threads.loops(loop), *self.where())

    # Context.

    def signal(self, loop, number):
        self.spool.fact("signal_received", "loop=%d" % self.threads.loops(loop), "number=%d" % number)

    def shielded(self, inner):
        if isinstance(inner, (self.live.Task, self.live.PyTask)) and not self.live.done(inner):
            self.spool.fact("task_shielded", "task=@%x" % id(inner), "stack=%d" % self.intern.stack(sys._getframe(3)))

    def waited(self, futures, timeout, return_when, caller_loop):
        """asyncio.wait() is over: what it leaves behind."""
        if sys.exc_info()[1] is not None:
            return
        left = [f for f in futures if isinstance(f, (self.live.Task, self.live.PyTask)) and not self.live.done(f)]
        if left:
            return_when_all = return_when == self.asyncio.tasks.ALL_COMPLETED or len(left) == len(futures)
            self.spool.fact(
                "wait_returned", "loop=%d" % self.threads.loops(caller_loop), "stack=%d" % self.intern.stack(sys._getframe(3)),
                *self.running_task(), "tasks=" + ",".join(["@%x" % id(t) for t in left[:200]]),
                "timed_out=%d" % (timeout is not None and return_when_all), "count=%d" % len(left),
            )  # fmt: skip
