"""Where the locks, events and queues of the program were made: asked only when one of them is part of a fault."""
import sys
import weakref

from .facts import Facts
from .inject import around, hook

MADE = around(hook("made", "self"))
DEPTH = 6  # frames kept of where one was made
CLASSES = (
    ("locks", ("Lock", "Event", "Condition", "Semaphore", "Barrier")),
    ("queues", ("Queue",)),
    ("taskgroups", ("TaskGroup",)),
)  # fmt: skip


class Made(weakref.ref):
    """A reference to a primitive and the (code, line) of where it was made, innermost first."""

    __slots__ = ("key", "places")


class Primitives(Facts):
    """Remembers where primitives were made, for as long as they live."""

    HOOKS = ("made",)

    def __init__(self, recording):
        super().__init__(recording)
        recording.primitives = self
        self.known = {}  # id -> Made

    def put(self, hooks):
        for module, names in CLASSES:
            module = getattr(self.asyncio, module, None)
            for name in names:
                kind = getattr(module, name, None)
                if kind is not None:
                    hooks.put(kind.__init__, MADE)

    def made(self, primitive):
        frame = sys._getframe(3)
        places = []
        while frame is not None and len(places) < DEPTH:
            places.append((frame.f_code, frame.f_lineno))
            frame = frame.f_back
        ref = Made(primitive, self.gone)
        ref.key, ref.places = id(primitive), places
        self.known[ref.key] = ref

    def gone(self, ref):
        if self.known.get(ref.key) is ref:
            del self.known[ref.key]

    def site_of(self, primitive):
        """Returns the number of the stack at which a primitive was made, 0 if it is not known."""
        ref = self.known.get(id(primitive))
        if ref is None or ref() is not primitive:
            return 0
        return self.intern.stack_of(ref.places)

    def drop(self):
        self.known.clear()
