"""Cancellations: who asked, where the task was suspended then, and whether it went on with something else afterwards."""
from weakref import ref

from .facts import Facts
from .intern import FACT_DEPTH
from .live import WALKED, beneath, parts
from .own import foreign, gc, sys
from .spool import ARG_STACK, CANCEL, WAITING, clock

WATCHED = 200  # cancelled tasks that are looked after at a time
TOLD = 8  # suspensions told of one cancellation
SOON = 4  # iterations within which a cancellation is usually delivered
FIRST_LOOK = 0.001  # seconds from the first look at a task to the next; doubled each time
MAX_OUTWARD = 8
CONTEXTS = 8
CLOSING = ("__aexit__", "_aexit", "aclose")  # these end what is inside of them first, cancelled or not


class Watch:
    """A task that a cancellation is on its way to, or that has taken it."""

    __slots__ = ("task", "waiter", "chain", "last", "due", "delay", "looks", "left")

    def __init__(self, task, chain):
        self.task = ref(task)
        self.waiter = ref(task._fut_waiter)
        self.chain = chain  # where it was suspended at the request
        self.last = 0
        self.due = 0.0
        self.delay = FIRST_LOOK
        self.looks = 0
        self.left = TOLD

    def put_off(self):
        self.due = clock() + self.delay
        self.delay *= 2


class Cancels(Facts):
    """What becomes of cancelled tasks.

    A task may take its time to end: a finally: or except: awaits its clean-up. While it does, its coroutine holds the
    CancelledError as the exception being handled, and that is how the two are told apart: a task that is suspended again and
    holds it no more has left the clause that caught it.
    """

    def __init__(self, recording):
        super().__init__(recording)
        self.watched = []
        self.counts = {}  # id of a task -> (weak reference, its cancelling() when a request was recorded last)
        self.error = self.asyncio.CancelledError
        self.wakeups = (self.steps.wakeup_type,)
        self.steps.cancelled = self.guarded(self.requested)
        self.live.cancels = self

    def drop(self):
        del self.watched[:]
        self.counts.clear()
        self.steps.cancelled = self.live.cancels = None

    # Requests.

    def requested(self, task, frame):
        """Records that somebody below frame cancelled task, and the tasks that passed the request on to it."""
        if not self.cancelling(task):
            return  # not the task was cancelled, but the future that it waits for
        stack = self.intern.stack(frame, FACT_DEPTH, self.steps.handle_codes)
        self.request(task, stack)
        if hasattr(self.live.Task, "cancelling"):
            for outer in self.outer(task):
                count = self.cancelling(outer)
                known = self.counts.get(id(outer))
                if count and (known is None or known[0]() is not outer or known[1] < count):
                    self.note_count(outer, count)
                    self.request(outer, stack)

    def request(self, task, stack):
        chain, _ = self.live.chain(task)
        address = float(id(task))
        self.spool.put(address + WAITING, float(chain))
        self.spool.put(address + ARG_STACK, float(stack))
        self.spool.put(address + CANCEL + self.threads.tag(), clock())
        self.watched.append(Watch(task, chain))
        if len(self.watched) > WATCHED:
            del self.watched[0]
        self.live.due[0] = self.live.due[4] = 0.0

    def outer(self, task):
        """Returns the tasks that wait for task, directly or through gather(), from the inside out."""
        found, seen = [], [task]
        while seen and len(found) < MAX_OUTWARD:
            inner = seen.pop(0)
            for name, callback in self.live.listeners(inner):
                if name in ("gather.<locals>._done_callback", "_gather.<locals>._done_callback"):
                    gathering = self.live.cell(callback, "outer")
                    if gathering is not None:
                        seen.append(gathering)
                elif isinstance(callback, self.wakeups) or name.rpartition(".")[2] in ("task_wakeup", "__wakeup"):
                    waiting = getattr(callback, "__self__", None)
                    if isinstance(waiting, (self.live.Task, self.live.PyTask)) and waiting._fut_waiter is inner:
                        found.append(waiting)
                        seen.append(waiting)
        return found

    def cancelling(self, task):
        """Returns how many requests a task has not withdrawn; 1 where the interpreter does not count (up to 3.10)."""
        base = self.live.Task if isinstance(task, self.live.Task) else self.live.PyTask
        return base.cancelling(task) if hasattr(base, "cancelling") else 1

    def note_count(self, task, count):
        if len(self.counts) > 1000:
            self.counts.clear()
        self.counts[id(task)] = (ref(task), count)

    def moment(self, kind, loop, number):
        """asyncio.run() cancels everything next: a task that waits for another one is told of by no future."""
        if kind == "shutdown":
            frame = sys._getframe(1)
            while frame is not None and frame.f_code.co_name != "_cancel_all_tasks":
                frame = frame.f_back
            self.at_shutdown(loop, frame)
        elif loop is not None:
            self.look(loop, True)

    def at_shutdown(self, loop, frame):
        stack = self.intern.stack(frame, FACT_DEPTH)
        for task in self.live.of(loop):
            if isinstance(task._fut_waiter, (self.live.Task, self.live.PyTask, self.live.Gathering)):
                if not self.live.cancelled(task._fut_waiter, 1):
                    self.note_count(task, self.cancelling(task) + 1)
                    self.request(task, stack)

    # Consequences.

    def look(self, loop, at_once=False):
        """Looks at the cancelled tasks of a loop that are due; none of them is running."""
        kept = []
        number = len(self.watched)
        for watch in self.watched[:number]:
            task = watch.task()
            try:
                if task is None or self.live.done(task):
                    continue
                if task._loop is not loop or not at_once and clock() < watch.due or not self.settled(task, watch):
                    kept.append(watch)
            except Exception as exc:
                if foreign(exc):
                    raise
        self.watched[:number] = kept
        return min([w.due for w in self.watched], default=None)

    def settled(self, task, watch):
        """Tells where a cancelled task is now, if it has taken its cancellation. Returns whether there is nothing more to see."""
        waiter = task._fut_waiter
        watch.looks += 1
        if waiter is None or waiter is watch.waiter() or getattr(waiter, "_state", "") != "PENDING" or task._must_cancel:
            if watch.looks > SOON:
                watch.put_off()
            return False
        watch.put_off()
        if self.handles(task):
            return False
        if not self.cancelling(task):
            return True  # the request was meant to wake it up, and it was withdrawn
        chain, state = self.live.chain(task)
        if state == "suspended" and chain != watch.last:
            watch.last = chain
            watch.left -= 1
            self.spool.fact("task_taken", "task=@%x" % id(task), "chain=%d" % chain, "expected=%d" % self.expected(task))
        return watch.left == 0 or chain == watch.chain

    def handles(self, task):
        """Reports whether a coroutine of task is in a clause that handles a cancellation, or that cannot be told."""
        obj = self.live.coro(task)
        for _ in range(100):
            if obj is None:
                return False
            if type(obj) not in WALKED:
                if hasattr(type(obj), "cr_await"):
                    return True
                obj = beneath(obj)
                continue
            frame, awaited, _ = parts(obj)
            if self.holds(obj) or frame is not None and frame.f_code.co_name in CLOSING:
                return True
            obj = awaited
        return True

    def expected(self, task):
        """Reports whether a function of task names CancelledError: then it is no catch-all that caught it."""
        obj = self.live.coro(task)
        for _ in range(100):
            if obj is None:
                return False
            if type(obj) not in WALKED:
                obj = beneath(obj)
                continue
            frame, awaited, _ = parts(obj)
            if frame is not None and "CancelledError" in frame.f_code.co_names and not self.own(frame.f_code):
                return True
            obj = awaited
        return False

    def own(self, code):
        return code.co_filename.startswith(self.library)

    def holds(self, coro):
        """Reports whether coro holds a CancelledError as the exception being handled, or as what led to that one."""
        inside = gc.get_referents(coro)
        if sys.version_info >= (3, 11):
            inside = inside[-1:]  # what comes before are local variables
        for exc in inside:
            for _ in range(CONTEXTS):
                if not issubclass(type(exc), BaseException):
                    break
                if issubclass(type(exc), self.error):
                    return True
                exc = BaseException.__context__.__get__(exc)
        return False
