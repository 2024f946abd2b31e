"""Locks, events, queues and the like: where each was made, a number for it, and who took a lock last."""
import itertools
from weakref import ref

from .facts import Facts
from .inject import around, beside, hook
from .lazy import ast
from .own import sys

MADE = around(hook("made", "self"))
MADE_SEMAPHORE = around(hook("made_semaphore", "self, value"))
# Who takes a lock is the task that runs now; whether it still is held, its own state says. Nothing is done on release.
ACQUIRED = """
try:
    _lt_id = "<lt:id>"; _lt_ref = "<lt:ref>"; _lt_running = "<lt:running_here>"; _lt_here = "<lt:current_loop>"
    "<lt:holders>"[_lt_id(self)] = _lt_ref(_lt_running(CURRENT))
except (LookupError, AttributeError, TypeError):
    _lt_hook = "<lt:acquired>"
    _lt_hook(self)
"""
DEPTH = 3  # frames kept of where one was made
MANY = 1000
NUMBERS = 100000  # objects whose numbers are kept
CLASSES = (
    ("locks", ("Lock", "Event", "Condition", "Barrier")),
    ("queues", ("Queue",)),
    ("taskgroups", ("TaskGroup",)),
)  # fmt: skip


class Primitives(Facts):
    """Remembers what others ask about primitives, for as long as they live. Writes nothing."""

    HOOKS = ("made", "made_semaphore", "acquired")

    def __init__(self, recording):
        super().__init__(recording)
        recording.primitives = self
        self.known = {}  # id -> (weak reference, a semaphore's first value, code, position, code…) of where it was made
        self.many = MANY  # so many entries are worth a look for dead ones
        self.holders = {}  # id of a lock -> weak reference to the task that took it last
        self.numbers = {}  # id -> (number, weak reference)
        self.next_number = itertools.count(1).__next__

    def put(self, hooks):
        for module, names in CLASSES:
            module = getattr(self.asyncio, module, None)
            for name in names:
                kind = getattr(module, name, None)
                if kind is not None:
                    hooks.put(kind.__init__, MADE)
        locks = self.asyncio.locks
        hooks.put(locks.Semaphore.__init__, MADE_SEMAPHORE)
        current = "" if sys.version_info >= (3, 14) else "_lt_here[0]"
        hooks.put(locks.Lock.acquire, beside(returns_true, before=ACQUIRED.replace("CURRENT", current)))

    def constants(self):
        found = super().constants()
        tasks = self.asyncio.tasks
        found["<lt:ref>"] = ref
        found["<lt:holders>"] = self.holders
        found["<lt:current_loop>"] = self.steps.current
        # The table that current_task() looks into costs half as much. 3.14 has it in C.
        found["<lt:running_here>"] = tasks.current_task if sys.version_info >= (3, 14) else tasks._current_tasks.get
        return found

    def made(self, primitive):
        self.remember(primitive, sys._getframe(3), None)

    def made_semaphore(self, primitive, value):
        self.remember(primitive, sys._getframe(3), value if type(value) is int else None)

    def remember(self, primitive, frame, value):
        """Remembers that a primitive is being made below frame."""
        places, edge = [ref(primitive), value], self.steps.handle_codes
        while frame is not None and len(places) < 2 + 2 * DEPTH:
            code = frame.f_code
            if id(code) in edge:
                break
            places += (code, frame.f_lasti)  # its line is looked up when it is wanted
            frame = frame.f_back
        if len(self.known) >= self.many:
            self.clean()
        self.known[id(primitive)] = tuple(places)

    def clean(self):
        """Forgets those that are no more."""
        self.known = {key: entry for key, entry in self.known.items() if entry[0]() is not None}
        for key in [key for key in self.holders if key not in self.known]:
            del self.holders[key]
        self.many = 2 * len(self.known) + MANY

    def acquired(self, lock):
        """A lock was taken where the short way does not tell by whom: several threads run loops."""
        loop = self.asyncio.events._get_running_loop()
        task = None if loop is None else self.asyncio.tasks.current_task(loop)
        if task is None:
            self.holders.pop(id(lock), None)
        else:
            self.holders[id(lock)] = ref(task)

    def site_of(self, primitive):
        """Returns the number of the stack at which a primitive was made, 0 if it is not known."""
        entry = self.known.get(id(primitive))
        if entry is None or entry[0]() is not primitive:
            return 0
        return self.intern.stack_at(entry[2:])

    def value_of(self, semaphore):
        """Returns the value that a semaphore began with, None if it is not known."""
        entry = self.known.get(id(semaphore))
        return entry[1] if entry is not None and entry[0]() is semaphore else None

    def number_of(self, obj):
        """Returns the number of an object, always the same."""
        entry = self.numbers.get(id(obj))
        if entry is None or entry[1]() is not obj:
            if len(self.numbers) >= NUMBERS:
                self.numbers.clear()
            entry = self.numbers[id(obj)] = (self.next_number(), ref(obj))
        return entry[0]

    def drop(self):
        for memory in (self.known, self.holders, self.numbers):
            memory.clear()


def returns_true(node):
    return isinstance(node, ast.Return) and isinstance(node.value, ast.Constant) and node.value.value is True
