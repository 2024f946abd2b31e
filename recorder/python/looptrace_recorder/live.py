"""What the live tasks of a loop are doing. Nothing of the program is called: only attributes that the interpreter owns are read."""
import types

from .own import foreign, gc
from .spool import ARG_NAME, ARG_NUMBER, WAITING, clock, escape

MAX_CHAIN = 64
MAX_NESTED = 8  # gather() calls and tasks that wait for one another
LATEST = 3600  # seconds to the next sample at most
SHARE = 100  # sampling takes at most 1/SHARE of the time
WALKED = (types.CoroutineType, types.GeneratorType, types.AsyncGeneratorType)
PLAIN_CALLBACKS = (types.FunctionType, types.MethodType, types.BuiltinFunctionType)




def parts(obj):
    """Returns (frame, awaited object, running) of a coroutine, generator or async generator."""
    kind = type(obj)
    if kind is types.CoroutineType:
        return obj.cr_frame, obj.cr_await, obj.cr_running
    if kind is types.GeneratorType:
        return obj.gi_frame, obj.gi_yieldfrom, obj.gi_running
    if kind is types.AsyncGeneratorType:
        return obj.ag_frame, obj.ag_await, obj.ag_running
    if hasattr(kind, "cr_await"):  # compiled coroutines (Cython) look alike
        return getattr(obj, "cr_frame", None), obj.cr_await, bool(getattr(obj, "cr_running", False))
    return None, None, False


def beneath(obj):
    """Returns what an opaque awaitable wraps: async generator's asend()/athrow() and coroutine wrappers say it to nobody else."""
    if type(obj).__module__ != "builtins":
        return None
    for inner in gc.get_referents(obj):
        if type(inner) in WALKED:
            return inner
    return None


def not_started(coro, frame):
    if frame is None:
        return False
    for name in ("cr_suspended", "gi_suspended"):
        suspended = getattr(coro, name, None)
        if suspended is not None:
            return not suspended and not parts(coro)[2]
    return frame.f_lasti == -1


class Live:
    """Describes tasks. One per process."""

    def __init__(self, spool, interner, asyncio, registry):
        self.spool = spool
        self.intern = interner
        self.registry = registry
        self.Task = asyncio.tasks.Task
        self.PyTask = asyncio.tasks._PyTask
        self.Future = (asyncio.futures.Future, asyncio.futures._PyFuture)
        self.Gathering = asyncio.tasks._GatheringFuture
        # When the next sample is due; how much longer a wait must be to be taken in two parts, 0 if it must not; when and
        # at which slot the present wait began; when a loop that is busy is to be looked at. A list, so that the injected
        # code can hold it.
        self.due = [0.0, 0.0, 0.0, 0, 0.0]
        self.regular = 0.0  # when the next sample of all tasks is due; due[0] may be earlier
        self.sampled = -1.0
        self.ballast = None
        self.after_sample = None  # called with a loop's tasks, the numbers of their chains, and whether the loop hangs
        self.cancels = None
        self.cost = 1.0  # seconds per task of the cheapest sample so far; dearer ones had something to define

    def of(self, loop):
        """Returns the tasks of loop that are not done."""
        return [t for t in self.registry.tasks() if t._loop is loop and not self.done(t)]

    def running(self, loop):
        """Returns the task of loop whose coroutine runs; for a forked child, where 3.14 no longer says."""
        for task in self.of(loop):
            if parts(self.coro(task))[2]:
                return task
        return None

    def done(self, task):
        return (self.Task if isinstance(task, self.Task) else self.PyTask).done(task)

    def coro(self, task):
        return getattr(task, "_coro", None)

    def chain(self, task):
        """Returns (number of the await chain, state)."""
        coro = self.coro(task)
        frame, awaited, running = parts(coro)
        if running:
            state = "running"
        elif not_started(coro, frame):
            state = "not-started"
        else:
            state = "suspended"
        on = "none" if state != "suspended" else self.on(task._fut_waiter)
        frames, key = [], [state, on]
        if state != "not-started":
            obj = coro
            while obj is not None and len(frames) < MAX_CHAIN:
                if type(obj) not in WALKED and not hasattr(type(obj), "cr_await"):
                    obj = beneath(obj)
                    continue
                frame, awaited, _ = parts(obj)
                if frame is not None:
                    frames.append(frame)
                    key.append(id(frame.f_code))
                    # Compiled coroutines have frames that are always at the same instruction.
                    key.append(frame.f_lasti if type(obj) in WALKED else "%s" % frame.f_lineno)
                obj = awaited
        key = hash(tuple(key))
        number = self.intern.positions.get(key)
        if number is None:
            number = self.intern.chain(state, on, [(f.f_code, f.f_lineno) for f in frames])
            self.intern.remember(key, number)
        return number, state

    def on(self, waiter):
        """Returns what kind of object a task waits for."""
        if waiter is None:
            return "none"
        if isinstance(waiter, self.Gathering):
            return "gather"
        if isinstance(waiter, (self.Task, self.PyTask)):
            return "task"
        if type(waiter) in self.Future:
            for name in self.callbacks(waiter):
                if name == "_chain_future.<locals>._call_check_cancel":
                    return "executor"
        return "future"

    def callbacks(self, future):
        """Returns the names of a future's done callbacks."""
        return [name for name, _ in self.listeners(future)]

    def listeners(self, future):
        out = []
        for entry in getattr(future, "_callbacks", None) or ():
            cb = entry[0] if type(entry) is tuple else entry
            if type(cb) in PLAIN_CALLBACKS:
                out.append((getattr(cb, "__qualname__", ""), cb))
            else:
                out.append((type(cb).__name__, cb))
        return out

    def awaited_by(self, task):
        """Returns who listens for the end of task, as words for the fact live_task."""
        out = []
        for name, cb in self.listeners(task):
            if name in ("gather.<locals>._done_callback", "_gather.<locals>._done_callback"):  # 3.9 has the second
                out.append("gather:" + self.outer(cb))
            elif name.startswith("shield.<locals>."):
                out.append("shield:" + self.outer(cb))
            elif name == "_wait.<locals>._on_completion":
                out.append("wait")
            elif name.startswith(("as_completed.", "_AsCompletedIterator.")):
                out.append("as_completed")
            elif name == "_run_until_complete_cb":
                out.append("run_until_complete")
            elif name in ("TaskWakeupMethWrapper", "Task.task_wakeup", "Task.__wakeup", "task_wakeup"):
                out.append("task")
            elif name.startswith("TaskGroup."):
                out.append("taskgroup")
            else:
                out.append("callback")
        return out

    def outer(self, callback):
        """Returns the state of the future that a closure of gather() or shield() serves."""
        try:
            outer = self.cell(callback, "outer")
        except (LookupError, ValueError):
            return "undetermined"
        if outer is None or outer._state == "PENDING":
            return "pending"
        if outer._state == "CANCELLED":
            return "cancelled"
        return "raised" if outer._exception is not None else "returned"

    def cell(self, callback, name):
        """Returns a variable that a closure uses. ValueError if it has no value (yet, or any more)."""
        return callback.__closure__[callback.__code__.co_freevars.index(name)].cell_contents

    def facts(self, loop, number):
        """Writes a live_task fact for every task of loop that is not done."""
        for task in self.of(loop):
            try:
                self.fact(task, number)
            except Exception as exc:
                if foreign(exc):
                    raise
                self.spool.note("a live task could not be described: %s" % type(exc).__name__)

    def fact(self, task, number):
        chain, state = self.chain(task)
        waiter = task._fut_waiter
        base = self.Task if isinstance(task, self.Task) else self.PyTask
        fields = [
            "task=@%x" % id(task),
            "loop=%d" % number,
            "chain=%d" % chain,
            "state=" + state,
            "name=" + escape(str.__str__(base.get_name(task))[:10000]),
            "must_cancel=%d" % bool(task._must_cancel),
            "cancelling=%d" % (base.cancelling(task) if hasattr(base, "cancelling") else -1),
            "waiter_cancelled=%d" % self.cancelled(waiter, MAX_NESTED),
            "log_destroy=%d" % bool(task._log_destroy_pending),
        ]
        if isinstance(waiter, (self.Task, self.PyTask)):
            fields.append("on_task=@%x" % id(waiter))
        listeners = self.awaited_by(task)
        if listeners:
            fields.append("awaited_by=" + ",".join(listeners[:8]))
        self.spool.fact("live_task", *fields)

    def cancelled(self, waiter, depth):
        """Tells whether the cancellation of what a task waits for is on its way to the task: a gather() and a task are
        cancelled by cancelling what they wait for in turn, and are done themselves only when that has come back."""
        if getattr(waiter, "_state", "") == "CANCELLED":
            return True
        if depth and isinstance(waiter, (self.Task, self.PyTask)):
            return bool(waiter._must_cancel) or self.cancelled(waiter._fut_waiter, depth - 1)
        if depth and isinstance(waiter, self.Gathering) and waiter._cancel_requested:
            return all(getattr(c, "_state", "") != "PENDING" or self.cancelled(c, depth - 1) for c in waiter._children)
        return False

    def sample(self, loop, position, hangs=False):
        """Writes where every task of loop is suspended, and its name, unless nothing happened since the last time.

        The next sample is put off in proportion to what this one took, so the share holds on a slow machine too.
        """
        collects = gc.isenabled()
        before = gc.get_count()
        if collects:
            gc.disable()
        try:
            if self.cancels is not None and self.cancels.watched and self.only_cancelled(loop):
                return
            if position >= 0 and position - self.sampled <= 2:
                return
            self.sample_all(loop, hangs)
        finally:
            if collects:
                self.ballast.settle(before)
                gc.enable()
        self.sampled = position

    def only_cancelled(self, loop):
        """Looks at the tasks that were cancelled. Returns whether the others are not due."""
        due = self.cancels.look(loop)
        if clock() > self.regular:
            return False
        self.due[0] = self.regular if due is None else min(due, self.regular)
        return True

    def sample_all(self, loop, hangs):
        began = clock()
        put = self.spool.put
        count = 0
        tasks = self.of(loop)
        chains = []
        for task in tasks:
            count += 1
            chain = 0
            try:
                self.name(task)
                chain = self.chain(task)[0]
                put(float(id(task) + WAITING), float(chain))
            except Exception as exc:
                if foreign(exc):
                    raise
            chains.append(chain)
        if self.after_sample is not None:
            self.after_sample(tasks, chains, hangs)
        ended = clock()
        if count:
            self.cost = min(self.cost, (ended - began) / count)
            self.due[0] = self.regular = ended + min(count * self.cost * SHARE, LATEST)

    def name(self, task):
        """Writes the name that the next slot about task takes up."""
        name = (self.Task if isinstance(task, self.Task) else self.PyTask).get_name(task)
        if name[:5] == "Task-" and name[5:].isdecimal() and len(name) < 20:
            self.spool.put(float(id(task) + ARG_NUMBER), float(name[5:]))
        else:
            number = self.intern.name(name)
            if number:
                self.spool.put(float(id(task) + ARG_NAME), float(number))
