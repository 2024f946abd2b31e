"""Where asyncio keeps its tasks, and what its callbacks of tasks look like."""
import sys
from weakref import WeakSet, ref

newest = sys.version_info >= (3, 14)


class Probe:
    """As much of a loop as a task needs that is stepped by hand."""

    def __init__(self):
        self.scheduled = []

    def call_soon(self, callback, *args, context=None):
        self.scheduled.append(callback)

    def get_debug(self):
        return False

    def is_running(self):
        return False


def shapes_of(asyncio):
    """Returns the types of a C task's first-step and wake-up callbacks, learnt from a task of our own."""
    loop = Probe()
    future = asyncio.futures.Future(loop=loop)

    async def wait():
        await future

    coro = wait()
    before = asyncio.events._get_running_loop()
    asyncio.events._set_running_loop(loop)
    try:
        asyncio.tasks.Task(coro, loop=loop, name="probe")  # a name of its own: "Task-N" numbers belong to the program
        step = loop.scheduled.pop()
        step()
        future.cancel()
        wakeup = loop.scheduled.pop()
        wakeup(future)
    finally:
        asyncio.events._set_running_loop(before)
    return type(step), type(wakeup)


def registry_type(base, add):
    """Returns a WeakSet with another add(). Its members may go while it is iterated: nothing is deferred."""

    class WeakSet(base):
        def __iter__(self):
            for r in list(self.data):
                item = r()
                if item is not None:
                    yield item

    WeakSet.add = add
    WeakSet.__module__ = base.__module__
    WeakSet.__qualname__ = base.__qualname__
    return WeakSet


class Registry:
    """Where asyncio keeps its tasks: a WeakSet (3.8-3.11), a WeakSet and a set (3.12, 3.13), or lists in C (3.14)."""

    def __init__(self, asyncio):
        self.module = asyncio.tasks
        self.set = getattr(self.module, "_all_tasks", None)
        if not isinstance(self.set, WeakSet):
            self.set = self.module._scheduled_tasks
        self.own = set() if newest else None  # weak references

    def hook(self, hot):
        """Makes the registry tell of every task from now on; again when the constants of hot have changed."""
        self.set.__class__ = registry_type(WeakSet, hot.add(self.set.data.add, self.set.data.discard))

    def unhook(self):
        self.set.__class__ = WeakSet

    def tasks(self):
        """Returns every task known to asyncio, in no order."""
        found = [t for t in [r() for r in list(self.set.data)] if t is not None]
        eager = getattr(self.module, "_eager_tasks", None)
        if eager:
            found += [t for t in list(eager) if t not in found]
        if self.own is not None:
            # Not all_tasks(): it asks the threads, and a forked child has lost the one that spawned them.
            known = set(map(id, found))
            found += [t for t in [r() for r in list(self.own)] if t is not None and id(t) not in known]
        return found

    def lacks(self, task):
        """Reports whether a task is not known here although it has begun (3.14, where no first step is scheduled)."""
        return self.own is not None and ref(task) not in self.own and ref(task) not in self.set.data

    def note(self, task):
        """Keeps sight of a task that no WeakSet of asyncio holds (3.14)."""
        self.own.add(ref(task, self.own.discard))
