"""Calls that asyncio refuses, and the exceptions that end threads. Nothing here runs where a call succeeds."""
from weakref import ref

from .facts import Facts
from .handlers import Handlers
from .inject import around, assigns, before_raises, beside, calls, failing, hook, on_branch
from .lazy import ast
from .names import own_words, type_name, words_of
from .own import sys
from .spool import escape

# What raises when it is misused, by module: every raise of a new exception in these.
RAISES = (
    ("locks", "Lock", "release"),
    ("locks", "Condition", "wait"),
    ("locks", "Condition", "notify"),
    ("locks", "BoundedSemaphore", "release"),
    ("locks", "Barrier", "_block"),
    ("locks", "Barrier", "_wait"),
    ("queues", "Queue", "task_done"),
    ("timeouts", "Timeout", "reschedule"),
    ("timeouts", "Timeout", "__aenter__"),
    ("taskgroups", "TaskGroup", "__aenter__"),
    ("taskgroups", "TaskGroup", "create_task"),
    ("runners", "Runner", "_lazy_init"),
    ("base_events", "BaseEventLoop", "_check_default_executor"),
)
LOOKED_UP = ("no running event loop", "There is no current event loop")
KEPT = 1000  # closed things whose closing is remembered


class Refusals(Facts):
    """The hooks of refused calls of one process."""

    HOOKS = ("refused", "passed_on", "put_late", "late_child", "set", "opening", "closed", "pools", "thread_failed")

    def __init__(self, recording):
        super().__init__(recording)
        self.hooks = None
        recording.handlers = Handlers(self.library, self.steps.handle_codes)
        self.ends = {}  # id of something closed -> (weak reference, stack of its closing)

    def put(self, hooks):
        asyncio, self.hooks = self.asyncio, hooks
        for module, owner, name in RAISES:
            function = getattr(getattr(getattr(asyncio, module, None), owner, None), name, None)
            if function is not None:
                hooks.put(function, before_raises("refused"))
        hooks.put(asyncio.tasks.create_task, failing(assigns("loop"), hook("passed_on", "None, None")))
        if hasattr(asyncio, "timeouts"):
            hooks.put(asyncio.timeouts.timeout, failing(calls("get_running_loop"), hook("passed_on", "None, None")))
            group = asyncio.taskgroups.TaskGroup._on_task_done
            hooks.put(group, beside(calls("call_exception_handler"), before=hook("late_child", "self, task")))
            hooks.put(asyncio.runners.Runner.close, around("pass", hook("closed", "self")))
        if hasattr(asyncio, "QueueShutDown"):
            hooks.put(asyncio.queues.Queue.put_nowait, on_branch("_is_shutdown", hook("put_late", "self")))
        base = asyncio.base_events.BaseEventLoop
        hooks.put(base.run_in_executor, failing(calls("submit"), hook("passed_on", "self, executor")))
        hooks.put(base.__init__, around(hook("opening", "")))
        hooks.put(base.run_until_complete, around(hook("opening", "")))
        self.put_policy(hooks)
        self.put_pools(hooks)
        threads = asyncio.events.threading.Thread
        hooks.put(threads._bootstrap_inner, beside(calls("_invoke_excepthook"), before=hook("thread_failed", "self")))

    def put_policy(self, hooks):
        events = vars(self.asyncio.events)
        policy = events.get("_BaseDefaultEventLoopPolicy") or events.get("BaseDefaultEventLoopPolicy")
        hooks.put(policy.get_event_loop, before_raises("refused"))
        hooks.put(policy.set_event_loop, around(hook("set", "loop")))

    def put_pools(self, hooks):
        """concurrent.futures.thread is imported when a pool is first wanted."""
        futures = self.asyncio.base_events.concurrent.futures
        if "concurrent.futures.thread" in sys.modules:
            self.pools()
        elif "__getattr__" in vars(futures):
            hooks.put(vars(futures)["__getattr__"], beside(imports("thread"), after=hook("pools", "")))

    def pools(self):
        shutdown = sys.modules["concurrent.futures.thread"].ThreadPoolExecutor.shutdown
        self.hooks.put_later(shutdown, [around("pass", hook("closed", "self"))], "closed")
        self.hooks.templates.save()

    def drop(self):
        self.ends.clear()
        # The frame of a thread that still runs keeps the code with our hooks, and they us.
        self.recording = self.hooks = self.intern = self.asyncio = self.threads = self.live = self.steps = None

    # Refused.

    def refused(self, kind, words, owner):
        """A function of asyncio is about to raise."""
        self.tell(sys._getframe(2), kind, words_of(words) or words or kind, owner)

    def passed_on(self, owner, used):
        """An exception of something in C leaves a function of asyncio; it tells if it is a refusal."""
        exc = sys.exc_info()[1]
        words = own_words(exc)
        if words:
            self.tell(sys._getframe(2), type_name(exc), words, owner, used)

    def put_late(self, queue):
        self.tell(sys._getframe(2), "QueueShutDown", "QueueShutDown", queue)

    def late_child(self, group, task):
        fields = ["call=TaskGroup._on_task_done", "exception=", "words=parent\\stask\\sis\\salready\\scompleted", "task=@%x" % id(task)]
        self.spool.fact("call_refused", *self.where(), *fields)

    def tell(self, frame, kind, words, owner, used=None):
        """Writes the fact. owner is what the method belongs to, used what was closed before if it is another object."""
        name = frame.f_code.co_name
        if owner is not None:
            name = type.__getattribute__(type(owner), "__name__") + "." + name
        fields = self.where(1) + self.running_task()
        fields += ["call=" + escape(name), "exception=" + escape(kind), "words=" + escape(words)]
        fields += self.recording.handlers.expected(frame.f_back, kind)
        if "xecutor" in name:
            fields.append("loop=%d" % self.threads.loops(owner))
        used = owner if used is None else used
        end = self.ends.get(id(used))
        if end is not None and end[0]() is used:
            fields.append("closed_stack=%d" % end[1])
        self.spool.fact("call_refused", *fields)

    # What explains a refusal.

    def set(self, loop):
        self.spool.fact("loop_set", "loop=%d" % (0 if loop is None else self.threads.loops(loop)), *self.where())
        self.opening()

    def opening(self):
        """A loop is made, set or run: perhaps because there was none, which then was no fault."""
        exc = sys.exc_info()[1]
        if type(exc) is RuntimeError and own_words(exc) in LOOKED_UP:
            self.spool.fact("refusal_handled", "thread=%d" % self.threads.number())

    def closed(self, owner):
        """Remembers where a Runner or a pool of threads was closed."""
        if len(self.ends) < KEPT:
            gone = self.ends.pop
            key = id(owner)
            self.ends[key] = (ref(owner, lambda _: gone(key, None)), self.intern.stack(sys._getframe(3)))

    # Threads.

    def thread_failed(self, thread):
        exc = sys.exc_info()[1]
        if self.recording is None or exc is None or type(exc) is SystemExit:
            return
        self.spool.fact("thread_failed", "thread=%d" % self.threads.number(), "exception=" + escape(type_name(exc)), *self.steps.told_of(exc))


def imports(module):
    """Returns a match for `from .module import …`."""
    return lambda node: isinstance(node, ast.ImportFrom) and node.level == 1 and node.module == module
