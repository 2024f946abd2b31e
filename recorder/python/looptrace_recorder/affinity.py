"""What belongs to one loop, one thread or one process, and is used from another."""
import types
from _thread import get_ident

from .facts import Facts
from .inject import around, before_raises, hook, on_branch
from .live import MAX_CHAIN, WALKED, beneath, parts
from .names import current_of
from .own import gc, sys
from .spool import escape

# At the beginning of what only the loop's own thread may call. It would be paid per callback, so it is put there when a
# second thread begins.
FOREIGN = """
_lt_thread = self._thread_id
if _lt_thread is not None:
    _lt_hook = "<lt:ident>"
    if _lt_thread != _lt_hook():
        _lt_hook = "<lt:foreign>"; _lt_hook(self, %r)
"""
BEGUN = """
_lt_hook = "<lt:alone>"
if _lt_hook:
    _lt_hook = "<lt:second_thread>"; _lt_hook()
"""
STOPPED = """
_lt_forked = "<lt:forked>"
if self._thread_id is None or _lt_forked and id(self) in _lt_forked:
    _lt_hook = "<lt:unheard>"; _lt_hook(self, callback)
"""
TEXT_MAKERS = ("base_futures.py", "base_tasks.py", "reprlib.py")
HOLDERS = ("asyncio.locks", "asyncio.queues", "asyncio.streams", "asyncio.subprocess", "asyncio.base_events")
OTHER_LOOP = "attached to a different loop"


class Affinity(Facts):
    """The hooks of calls from a wrong thread, loop or process."""

    HOOKS = ("foreign", "unheard", "bound", "belongs", "shown", "swallowed", "second_thread")

    def __init__(self, recording):
        super().__init__(recording)
        self.texts = (self.live.Task.__repr__, self.live.PyTask.__repr__)
        self.inherited = set()  # addresses of the loops that were there when this process was forked
        self.unclear = 0  # address of a task that is being refused and whose chain does not show what it waits for
        self.alone = []  # what to do when a second thread begins
        self.repeats = {}  # stack and loop of a foreign call -> how often it was made

    def constants(self):
        """Returns the hooks by the names that the injected code uses."""
        found = super().constants()
        found["<lt:ident>"] = get_ident
        found["<lt:forked>"] = self.inherited
        found["<lt:alone>"] = self.alone
        return found

    def put(self, hooks):
        asyncio = self.asyncio
        base = asyncio.base_events.BaseEventLoop
        hooks.put(base.stop, around(FOREIGN % "stop"))
        self.alone += [hooks.prepare(getattr(base, n), [around(FOREIGN % n)], "foreign") for n in ("call_soon", "call_at")]
        hooks.put(asyncio.events.threading.Thread._bootstrap_inner, around(BEGUN))
        if len(self.threads.active) > 1:
            self.second_thread()
        hooks.put(base.call_soon_threadsafe, around(STOPPED))
        mixins = getattr(asyncio, "mixins", None)
        if mixins is not None:
            hooks.put(mixins._LoopBoundMixin._get_loop, before_raises("bound"))
        ensure = getattr(asyncio.tasks, "_ensure_future", asyncio.tasks.ensure_future)
        hooks.put(ensure, on_branch("_get_loop", hook("belongs", "coro_or_future, loop")))
        hooks.put(asyncio.base_futures._future_repr_info, around(hook("shown", "future")))
        if hasattr(asyncio, "unix_events"):
            hooks.put(asyncio.unix_events._sighandler_noop, around(hook("swallowed", "signum")))

    def forked(self):
        self.inherited.update([id(loop) for loop, _ in self.threads.living() if not getattr(loop, "_closed", True)])

    # Another thread.

    def second_thread(self):
        """Another thread begins, or is there already: from now on a call may come from it."""
        while self.alone:
            try:
                put = self.alone.pop()
            except IndexError:  # two threads begin at the same time
                return
            put()

    def foreign(self, loop, call):
        """A call that only the thread of the loop may make, from another one. The loop is not woken: not by us either."""
        stack = self.intern.stack(sys._getframe(3))
        number = self.threads.loops(loop)
        key = "%d %d" % (stack, number)
        count = self.repeats[key] = self.repeats.get(key, 0) + 1
        if count & (count - 1):
            return
        fields = ["loop=%d" % number, "thread=%d" % self.threads.number(), "stack=%d" % stack] + self.running_task()
        fields += ["call=" + call, "count=%d" % count, "refused=%d" % (bool(loop._debug) and call != "stop")]
        ident = loop._thread_id
        if ident in self.threads.known:
            fields.append("running_thread=%d" % self.threads.known[ident][0])
        self.spool.fact("foreign_call", *fields)

    # A loop that does not run.

    def unheard(self, loop, callback):
        """call_soon_threadsafe() on a loop that does not run now; whether it runs again is seen later."""
        caller = sys._getframe(3)
        call = "call_soon_threadsafe"
        if caller.f_code.co_filename.startswith(self.library):
            if caller.f_code.co_name != "run_coroutine_threadsafe":
                return
            call, caller = "run_coroutine_threadsafe", caller.f_back
        if loop._closed:
            return
        while type(callback).__name__ == "partial" and type(callback).__module__ == "functools":
            callback = callback.func
        number = self.threads.loops(loop)
        inherited = self.births.get(number, self.spool.pid) != self.spool.pid
        if loop._thread_id is not None and not inherited:
            return
        name = ""
        if call == "call_soon_threadsafe" and type(callback) in NAMED:
            name = callback.__qualname__
        self.spool.fact(
            "stopped_loop_call", "loop=%d" % number, "thread=%d" % self.threads.number(),
            "stack=%d" % self.intern.stack(caller), *self.running_task(), "call=" + call, "callback=" + escape(name),
            "inherited=%d" % inherited,
        )  # fmt: skip

    # Another loop.

    def bound(self, kind, words, primitive):
        """A primitive refuses to be waited for in a loop that it does not belong to."""
        running = self.asyncio.events._get_running_loop()
        self.mismatch(running, primitive._loop, primitive, self.where() + self.running_task(), "is bound to a different event loop")

    def belongs(self, future, loop):
        """ensure_future() refuses a future of another loop than the one it was given."""
        words = "The future belongs to a different loop than the one specified as the loop argument"
        self.mismatch(loop, future_loop(future), future, self.where() + self.running_task(), words)

    def shown(self, future):
        """The text of a future or task is made.

        A step that is refused says so by an exception that holds the text of the task, and then that of what it got. The task
        is the current one, and its coroutine has just been suspended; whenever the program itself asks for a text, the
        coroutine of the current task runs.
        """
        loop = self.asyncio.events._get_running_loop()
        task = current_of(self.asyncio.tasks, loop) if loop is not None else None
        if task is None:
            return
        coro = self.live.coro(task)
        if type(coro) not in WALKED and not hasattr(type(coro), "cr_running") or parts(coro)[2]:
            return
        chain, awaited = self.suspended(coro)
        if future is task:
            self.unclear = id(task) if awaited is None else 0
            if awaited is not None:
                self.refused(task, chain, awaited)
        elif awaited is None and self.unclear == id(task) or type(task).__repr__ not in self.texts:
            self.unclear = 0
            self.refused(task, chain, future)

    def refused(self, task, chain, awaited):
        """Writes that a task may not wait for something."""
        stack = "stack=%d" % self.intern.stack_of([(frame.f_code, frame.f_lineno) for frame, _ in reversed(chain)])
        fields = ["thread=%d" % self.threads.number(), stack, "task=@%x" % id(task)]
        other = future_loop(awaited)
        if awaited is task:
            words = "Task cannot await on itself"
        elif other is not None and other is not task._loop:
            self.mismatch(task._loop, other, self.holder(chain) or awaited, fields, OTHER_LOOP)
            return
        elif not awaited._asyncio_future_blocking and self.stepping():
            words = "yield was used instead of yield from in task"
        else:
            return
        self.spool.fact(
            "call_refused", "loop=%d" % self.threads.loops(task._loop), *fields, "call=await",
            "exception=RuntimeError", "message=" + escape(words),
        )  # fmt: skip

    def stepping(self):
        """Reports whether the text is made for asyncio itself, in a step, and not for an overriding call_soon() or the like."""
        frame = sys._getframe(4)
        while frame is not None and frame.f_code.co_filename.rpartition("/")[2] in TEXT_MAKERS:
            frame = frame.f_back
        return frame is not None and (id(frame.f_code) in self.steps.handle_codes or frame.f_code.co_filename == self.asyncio.tasks.__file__)

    def suspended(self, coro):
        """Returns the (frame, coroutine) of an await chain, outermost first, and the future at its end (None: not found)."""
        chain, obj = [], coro
        while obj is not None and len(chain) < MAX_CHAIN:
            if type(obj) in WALKED or hasattr(type(obj), "cr_await"):
                frame, awaited, _ = parts(obj)
                if frame is not None:
                    if awaited is None and self.own(frame):  # a future in Python yields itself
                        return chain, self.future_in(variables(obj, frame))
                    chain.append((frame, obj))
                obj = awaited
            elif self.is_future(obj):
                return chain, obj
            else:
                inner = beneath(obj)
                if inner is None:
                    return chain, self.future_in(gc.get_referents(obj))
                obj = inner
        return chain, None

    def future_in(self, objects):
        for obj in objects:
            if self.is_future(obj):
                return obj
        return None

    def own(self, frame):
        return frame.f_code.co_filename.startswith(self.library)

    def is_future(self, obj):
        return isinstance(obj, self.live.Future)

    def holder(self, chain):
        """Returns the primitive or stream of asyncio in whose method the chain ends, None if it ends in the program."""
        found = None
        for frame, coro in reversed(chain):
            if not self.own(frame):
                break
            for obj in variables(coro, frame):
                module = type(obj).__module__
                if type(module) is str and module in HOLDERS and not self.is_future(obj) and not isinstance(obj, type):
                    found = obj
        return found

    def mismatch(self, loop, other, obj, fields, words):
        """Writes that something of loop other was used in loop."""
        kind = type(obj)
        fields = ["loop=%d" % self.threads.loops(loop) if loop is not None else "loop=0"] + fields
        fields.append("other=%d" % (self.threads.loops(other) if other is not None else 0))
        fields += ["object=" + escape(kind.__qualname__), "message=" + escape(words)]
        if isinstance(obj, (self.live.Task, self.live.PyTask)):
            fields.append("object_task=@%x" % id(obj))
        opened = self.recording.primitives.site_of(obj)
        if opened:
            fields.append("opened_stack=%d" % opened)
        elif self.is_future(obj) and getattr(obj, "_source_traceback", None):
            last = obj._source_traceback[-1]
            fields.append("opened_at=" + escape("%s:%s" % (last[0], last[1])))
        self.spool.fact("loop_mismatch", *fields)

    # Another process.

    def swallowed(self, number):
        """A signal arrived for which the program has set a handler of a loop; a forked child has it for its parent's loop."""
        for loop, known in self.threads.living():
            if number in (getattr(loop, "_signal_handlers", None) or ()) and not getattr(loop, "_closed", True):
                inherited = self.births.get(known) != self.spool.pid
                self.spool.fact("signal_received", "loop=%d" % known, "number=%d" % number, "arrived=1", "inherited=%d" % inherited)
                return

    def drop(self):
        self.alone.clear()
        self.repeats.clear()


NAMED = (types.FunctionType, types.MethodType, types.BuiltinFunctionType)


def variables(coro, frame):
    """Returns what the variables of a suspended frame refer to. From 3.11 on the coroutine holds them, not the frame."""
    return gc.get_referents(coro) + gc.get_referents(frame)


def future_loop(future):
    """Returns the loop of a future, None if it has none that can be read."""
    try:
        return future._loop
    except AttributeError:
        return None
