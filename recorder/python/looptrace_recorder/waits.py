"""What a waiting task waits in, and who could wake it: the edges of the wait-for graph.

Nothing is recorded when a task begins to wait. The state is looked at when it matters: when a loop is closed or shut down,
at the end of the process, and when a sample is due. A task in `async with` has the manager's __aexit__ on its stack, and
what a frame refers to, gc.get_referents tells without touching the frame.
"""
import types
from collections import deque

from .facts import Facts
from .live import MAX_CHAIN, MAX_NESTED, WALKED, beneath, parts
from .own import foreign, gc, sys
from .spool import clock

FUNCTIONS = (types.FunctionType, types.MethodType)
BURST, RATE = 1000, 20  # facts that samples may write at once, and per second in the long run
SPARE = 200  # of the burst is for waits that can be part of a deadlock
LOOKED_AT, TOLD = 300, 100  # tasks that one sample looks at, and tells of, unless the loop has nothing else to do
SCANNED = 3000  # tasks that are searched for the holders of semaphores
LISTED = 200  # tasks in one list
DECISIVE = ("lock", "semaphore", "task", "gather", "wait", "wait_for", "shield", "taskgroup")
WITH_FRAMES = sys.version_info < (3, 11)  # the referents of a coroutine do not include those of its frame


def known_functions(asyncio):
    """Returns the functions of asyncio that wait, by file and first line: (kind, class of its self, operation)."""
    locks, queues, events = asyncio.locks, asyncio.queues, asyncio.base_events
    table = [
        (locks.Lock, "acquire", "lock"), (locks.Semaphore, "acquire", "semaphore"), (locks.Event, "wait", "event"),
        (locks.Condition, "wait", "condition"), (queues.Queue, "get", "queue"), (queues.Queue, "put", "queue"),
        (queues.Queue, "join", "queue"), (events.Server, "wait_closed", "server"),
    ]  # fmt: skip
    if hasattr(locks, "Barrier"):
        table += [(locks.Barrier, name, "barrier") for name in ("wait", "_block", "_wait")]
    if hasattr(asyncio, "taskgroups"):
        table += [(asyncio.taskgroups.TaskGroup, name, "taskgroup") for name in ("__aexit__", "_aexit")]
    found = {}
    for owner, name, kind in table:
        function = owner.__dict__.get(name)
        if type(function) is types.FunctionType:
            found[function.__code__.co_filename, function.__code__.co_firstlineno] = (kind, owner, name)
    for name, kind in (("_wait", "wait"), ("wait_for", "wait_for")):
        code = getattr(asyncio.tasks, name).__code__
        found[code.co_filename, code.co_firstlineno] = (kind, None, name)
    return found


def referents(coro):
    """Returns what the frame of a suspended coroutine refers to: its locals in order, then its stack."""
    if WITH_FRAMES:
        frame = parts(coro)[0]
        return gc.get_referents(frame) if frame is not None else []
    return gc.get_referents(coro)


def code_of(coro):
    return getattr(coro, "cr_code", None) or getattr(coro, "gi_code", None) or getattr(coro, "ag_code", None)


def walk(coro):
    """Returns the coroutines of an await chain, outermost first."""
    found = []
    for _ in range(2 * MAX_CHAIN):
        if coro is None or len(found) == MAX_CHAIN:
            break
        if type(coro) is types.CoroutineType:
            found.append(coro)
            coro = coro.cr_await
            continue
        if type(coro) not in WALKED and not hasattr(type(coro), "cr_await"):
            coro = beneath(coro)
            continue
        found.append(coro)
        coro = parts(coro)[1]
    return found


def managers(refs):
    """Returns the context managers that a frame with these referents is in, outermost first."""
    found = []
    for i, x in enumerate(refs):
        if type(x) not in FUNCTIONS or x.__name__ not in ("__aexit__", "__exit__"):
            continue
        if type(x) is types.MethodType:
            found.append(x.__self__)
        elif i + 1 < len(refs):  # 3.14 keeps the function and its self apart
            found.append(refs[i + 1])
    return found


class Waits(Facts):
    """Writes task_blocked. Holds addresses only."""

    def __init__(self, recording):
        super().__init__(recording)
        self.known = known_functions(self.asyncio)
        self.told = {}  # id of a task -> what was told of it last
        self.turn = 0
        self.plain = {}  # id of a task -> its wait that was looked at and needs no second look
        self.tokens, self.filled = BURST, clock()
        self.live.after_sample = self.sampled
        self.Timer = self.asyncio.events.TimerHandle

    def drop(self):
        self.live.after_sample = None
        self.told.clear()
        self.plain.clear()

    # When.

    def moment(self, kind, loop, number):
        if kind in ("close", "shutdown", "exit"):
            tasks = self.live.of(loop)
            users = Users(self, tasks)
            for task in tasks:
                try:
                    edge = self.edge(task, users)
                    if edge is not None:
                        self.spool.fact("task_blocked", "task=@%x" % id(task), *edge[1])
                except Exception as exc:
                    if foreign(exc):
                        raise
                    self.spool.note("a wait could not be described: %s" % type(exc).__name__)

    def sampled(self, tasks, chains, hangs):
        """A sample is taken: tells what has changed since the last one, the decisive waits first."""
        now = clock()
        self.tokens = min(BURST, self.tokens + RATE * (now - self.filled))
        self.filled = now
        for memory in (self.told, self.plain):
            if len(memory) > 2 * len(tasks) + BURST:
                memory.clear()
        changed = self.changed(tasks, chains, SCANNED * 10 if hangs else LOOKED_AT)
        changed.sort(key=lambda c: c[0])
        for spare, task, fields, mark in changed[: None if hangs else TOLD]:
            if self.tokens < (SPARE if spare else 1):
                break
            self.tokens -= 1
            self.told[id(task)] = mark
            self.spool.fact("task_blocked", "task=@%x" % id(task), *fields)

    def changed(self, tasks, chains, limit):
        """Returns (whether it can wait, task, fields, mark) of the tasks whose wait is not what was told last."""
        found = []
        users = Users(self, tasks)
        plain = self.plain
        size = len(tasks)
        begin = self.turn = self.turn % size if size else 0
        for i in range(begin, begin + size):
            task, chain = tasks[i % size], chains[i % size]
            if limit <= 0:
                break
            self.turn = i + 1  # the next sample goes on here
            try:
                waiter = task._fut_waiter
                if waiter is None:
                    continue
                wait = "%x %x" % (id(waiter), chain)
                if plain.get(id(task)) == wait:
                    continue
                limit -= 1
                edge = self.edge(task, users)
                if edge is None:
                    if waiter._state == "PENDING":
                        plain[id(task)] = wait
                    continue
                kind, fields, mark = edge
                mark = wait + mark
                if self.told.get(id(task)) != mark:
                    found.append((kind not in DECISIVE, task, fields, mark))
                elif kind not in ("lock", "semaphore", "taskgroup"):
                    plain[id(task)] = wait  # what others do does not change it
            except Exception as exc:
                if foreign(exc):
                    raise
        return found

    # What.

    def edge(self, task, users):
        """Returns (kind, fields, mark) of what a task waits for; None if it does not wait or there is nothing to tell.

        The mark changes when somebody who could end the wait has moved on.
        """
        live = self.live
        waiter = task._fut_waiter
        if waiter is None or waiter._state != "PENDING" or task._must_cancel or live.cancelled(waiter, MAX_NESTED):
            return None
        chain = walk(live.coro(task))
        kind, obj, op, awaited = self.inside(chain, waiter)
        if not kind:
            return None
        fields = ["on=" + kind]
        mark = ""
        if op:
            fields.append("op=" + op.strip("_"))
        if obj is not None:
            primitives = self.recording.primitives
            fields.append("object=%d" % primitives.number_of(obj))
            site = primitives.site_of(obj)
            if site:
                fields.append("object_stack=%d" % site)
            fields += self.state(kind, obj)
        if kind in ("lock", "semaphore"):
            holders, sure, ended = self.holders(kind, obj, users)
            if holders:
                fields.append("holders=" + ",".join(["@%x" % id(t) for t in holders[:LISTED]]))
                mark = ",".join(["%x:%x" % (id(t), id(t._fut_waiter)) for t in holders[:LISTED]])
            fields.append("certain=%d" % (sure and len(holders) <= LISTED))
            if ended:
                fields.append("holder_ended=1")
        if awaited is not None:
            tasks, others = self.flat(awaited)
            if tasks:
                fields.append("awaits=" + ",".join(["@%x" % id(t) for t in tasks[:LISTED]]))
            others += max(0, len(tasks) - LISTED)
            if others:
                fields.append("others=%d" % others)
            fields.append("certain=%d" % (bool(tasks) and not others))
        timed, own = self.timed(chain)
        if timed:
            fields.append("timed=1")
        if own:
            fields.append("own_limit=1")
        return kind, fields, " ".join(fields) + mark

    def inside(self, chain, waiter):
        """Returns (kind, object, operation, awaited futures) of the innermost wait of a chain that means something."""
        live = self.live
        if isinstance(waiter, live.Gathering):
            return "gather", None, "", [waiter]
        if isinstance(waiter, (live.Task, live.PyTask)):
            return "task", None, "", [waiter]
        found = None
        for coro in reversed(chain):
            code = code_of(coro)
            if code is None or not code.co_filename.startswith(self.library):
                break
            known = self.known.get((code.co_filename, code.co_firstlineno))
            if known is not None and (found is None or known[2] == "join" or known[0] == "barrier"):
                found = known + (coro,)
        if found is None:
            inner = self.shielded(waiter)
            return ("shield", None, "", [inner]) if inner is not None else ("", None, "", None)
        kind, owner, op, coro = found
        refs = referents(coro)
        if owner is None:
            return kind, None, "", self.futures(kind, refs)
        obj = next((x for x in refs if issubclass(type(x), owner)), None)
        if obj is None:
            return "", None, "", None
        return kind, obj, op, list(obj._tasks) if kind == "taskgroup" else None

    def futures(self, kind, refs):
        """Returns the futures that wait() or wait_for() waits for: an argument, the first local variable."""
        tasks = (self.live.Task, self.live.PyTask)
        if kind == "wait_for":
            return [x for x in refs if isinstance_of(x, tasks)][:1]
        for x in refs:
            if type(x) in (set, frozenset, list, tuple):
                return [f for f in x if getattr(type(f), "_asyncio_future_blocking", None) is not None]
        return []

    def shielded(self, waiter):
        """Returns the future behind the one that shield() gave, None if it is no such one."""
        for name, callback in self.live.listeners(waiter):
            if name == "shield.<locals>._outer_done_callback":
                free = callback.__code__.co_freevars
                return callback.__closure__[free.index("inner")].cell_contents if "inner" in free else None
        return None

    def flat(self, futures):
        """Returns the tasks behind futures that are not done, and how many others are not."""
        tasks, others, todo = [], 0, list(futures)
        for _ in range(100 * LISTED):
            if not todo:
                break
            f = todo.pop(0)
            if isinstance_of(f, (self.live.Task, self.live.PyTask)):
                if not self.live.done(f):
                    tasks.append(f)
            elif f._state == "PENDING":
                inner = None if isinstance(f, self.live.Gathering) else self.shielded(f)
                if inner is not None:
                    todo.append(inner)
                elif isinstance(f, self.live.Gathering):
                    todo.extend(f._children)
                else:
                    others += 1
        return tasks, others + len(todo)

    def state(self, kind, obj):
        """Returns fields about the state of a primitive: numbers that asyncio itself keeps."""
        found = []
        waiting = getattr(obj, "_waiters", None)
        if kind == "queue":
            if type(obj._queue) in (deque, list):
                found.append("size=%d" % len(obj._queue))
            found += ["getters=%d" % len(obj._getters), "putters=%d" % len(obj._putters), "unfinished=%d" % obj._unfinished_tasks]
        elif kind == "barrier":
            found += ["arrived=%d" % obj._count, "parties=%d" % obj._parties]
        elif type(waiting) is deque:
            found.append("waiters=%d" % len(waiting))
        return found

    # Who.

    def holders(self, kind, obj, users):
        """Returns the tasks that hold a lock or semaphore, whether these are all, and whether a holder has ended."""
        if kind == "semaphore":
            tasks = users.of(obj)
            capacity = self.recording.primitives.value_of(obj)
            return tasks, bool(tasks) and obj._value <= 0 and users.complete and len(tasks) == capacity, False
        if not obj._locked:
            return [], False, False
        ref = self.recording.primitives.holders.get(id(obj))
        if ref is None:
            tasks = users.of(obj)
            return tasks, len(tasks) == 1, False
        task = ref()
        if task is None or self.live.done(task):
            return [], False, True
        return [task], True, False

    def timed(self, chain):
        """Reports whether a timer would end the wait: wait_for() and timeout(), whosever it is, hold a timer; and whether
        one of them was set where the wait is, not around all that the wait is part of.
        """
        innermost = True
        for coro in reversed(chain):
            code = code_of(coro)
            refs = referents(coro)
            library = code is not None and code.co_filename.startswith(self.library)
            if library and self.has_timer(refs) or self.in_timeout(refs):
                return True, innermost
            innermost = innermost and library
        return False, False

    def in_timeout(self, refs):
        for manager in managers(refs):
            inner = gc.get_referents(manager)
            if self.has_timer(inner) or any(type(x) is dict and self.has_timer(list(x.values())) for x in inner[:8]):
                return True
        return False

    def has_timer(self, objects):
        return any(type(x) is self.Timer and not x._cancelled for x in objects)


def isinstance_of(obj, kinds):
    """Is isinstance() without asking the object, which may be a proxy of the program."""
    return issubclass(type(obj), kinds)


class Users:
    """Which tasks are inside `async with` of which lock or semaphore; found out once, if somebody asks."""

    def __init__(self, waits, tasks):
        self.waits = waits
        self.tasks = tasks
        self.complete = len(tasks) <= SCANNED
        self.found = None
        locks = waits.asyncio.locks
        self.kinds = (locks.Lock, locks.Semaphore, locks.Condition)

    def of(self, obj):
        """Returns the tasks that are inside obj, each as often as it is."""
        if self.found is None:
            self.found = {}
            for task in self.tasks[:SCANNED]:
                for inside in self.insides(task):
                    self.found.setdefault(id(inside), []).append(task)
        return self.found.get(id(obj), [])

    def insides(self, task):
        """Returns what a task is inside of. What it is only about to enter is on its stack too."""
        found = []
        chain = walk(self.waits.live.coro(task))
        for i, coro in enumerate(chain):
            entered = [m for m in managers(referents(coro)) if issubclass(type(m), self.kinds)]
            if entered and i + 1 < len(chain) and code_of(chain[i + 1]).co_name == "__aenter__":
                entering = next((x for x in referents(chain[i + 1]) if any(x is m for m in entered)), None)
                if entering is entered[-1]:
                    entered.pop()
            found += entered
        return found
