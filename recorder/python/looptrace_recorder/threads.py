"""Numbers for threads and loops."""
import itertools
from _thread import RLock, get_ident
from weakref import ref

try:
    from _thread import get_native_id
except ImportError:  # not on every system

    def get_native_id():
        return 0


from .spool import THREAD_UNIT, escape


class Threads:
    """Numbers for threads and loops."""

    def __init__(self, spool, threading):
        self.spool = spool
        self.active = threading._active
        self.known = {}  # ident -> (number, weak reference to the Thread)
        self.next_thread = itertools.count(1).__next__  # atomic: threads begin and open loops at the same time
        self.next_loop = itertools.count(1).__next__
        self.loop_thread = None  # ident of the only thread that ran a loop so far
        self.many = False
        self.on_many = None
        self.on_foreign = None  # called with a loop that was not seen to be opened
        self.switch, self.switched = RLock(), False
        self.loop_numbers = {}  # id -> (number, weak reference)
        self.many_loops = 8  # so many entries are worth a look for dead ones

    def number(self):
        """Returns the number of the calling thread."""
        ident = get_ident()
        thread = self.active.get(ident)
        entry = self.known.get(ident)
        if entry is not None and (thread is None or entry[1] is None or entry[1]() is thread):
            return entry[0]
        number = self.next_thread()
        self.known[ident] = (number, None if thread is None else ref(thread))
        name = thread._name if thread is not None else "thread-%d" % number
        self.spool.fact(
            "thread_seen", "thread=%d" % number, "name=" + escape(str(name)[:200]),
            "ident=%d" % ident, "native=%d" % get_native_id(),
        )  # fmt: skip
        return number

    def after_fork(self):
        """In a forked child only the calling thread is left. Its loop, if any, is a copy that must not be mistaken for running."""
        ident = get_ident()
        # It keeps its number: what it was doing at the fork is known by that.
        self.known = {ident: self.known[ident]} if ident in self.known else {}
        self.switch, self.switched = RLock(), self.many
        self.loop_thread = ident if self.loop_thread == ident else None

    def tag(self):
        """Returns what to add to the word of a slot written by the calling thread."""
        if not self.many and get_ident() == self.loop_thread:
            return 0.0
        return min(self.number(), 31) * THREAD_UNIT

    def runs_loop(self):
        """Notes that the calling thread runs a loop."""
        ident = get_ident()
        if self.loop_thread is None:
            self.loop_thread = ident
        elif self.loop_thread != ident and not self.switched:
            # A third thread must not begin before the second one has put the tags of threads in place: what it recorded
            # without them would count as the first one's.
            with self.switch:
                if not self.many:
                    self.many = True
                    self.on_many()
                    self.switched = True

    def loops(self, loop):
        """Returns the number of a loop."""
        entry = self.loop_numbers.get(id(loop))
        if entry is not None and entry[1]() in (loop, None):
            return entry[0]
        number = self.open(loop, 0)
        if self.on_foreign is not None:
            self.on_foreign(loop)
        return number

    def open(self, loop, stack):
        number = self.next_loop()
        if len(self.loop_numbers) >= self.many_loops:
            # Not when a loop goes: the collector clears the reference before __del__ closes the loop, which asks once more.
            self.loop_numbers = {key: entry for key, entry in self.loop_numbers.items() if entry[1]() is not None}
            self.many_loops = 2 * len(self.loop_numbers) + 8
        self.loop_numbers[id(loop)] = (number, ref(loop))
        self.spool.fact(
            "loop_opened",
            "loop=%d" % number,
            "thread=%d" % self.number(),
            "stack=%d" % stack,
            "class=" + escape(type(loop).__name__),
            "debug=%d" % bool(getattr(loop, "_debug", False)),
        )
        return number

    def living(self):
        """Returns (loop, number) of every loop that still exists."""
        return [(loop, n) for n, loop in [(n, ref()) for n, ref in list(self.loop_numbers.values())] if loop is not None]
