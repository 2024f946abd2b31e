"""Loops that are none of asyncio's: uvloop and others in C. Their runs and steps are not seen; what is live when they are closed is."""
import types

from .facts import Facts
from .own import sys
from .spool import escape

HEAP = 1 << 9  # the flag of a class that was made by a class statement: others cannot be changed
BETWEEN = ("CACHE", "PUSH_NULL", "PRECALL", "EXTENDED_ARG", "NOT_TAKEN")


class Closing:
    """Stands for close() in the class of a loop in C, and gives out that method. Whoever gets it to call it at once is noted.

    It is no wrapper: what is called is the loop's own method, from the frame that calls it.
    """

    def __init__(self, original, seen):
        self.original = original
        self.seen = seen

    def __get__(self, loop, kind=None):
        if loop is not None and self.seen is not None:
            self.seen(loop, sys._getframe(1))
        return self.original.__get__(loop, kind)


class Outside(Facts):
    """Notices loops of other makers when they are first met."""

    def __init__(self, recording):
        super().__init__(recording)
        self.placed = {}  # class -> its Closing
        recording.outside = self
        recording.threads.on_foreign = self.guarded(self.met)

    def met(self, loop):
        """A loop is mentioned that was not seen to be opened."""
        if isinstance(loop, self.asyncio.base_events.BaseEventLoop):
            return
        before = None
        for kind in type.__getattribute__(type(loop), "__mro__"):
            original = vars(kind).get("close")
            if type(original) is Closing:
                return
            if original is not None:
                break
            before = kind
        else:
            return
        if type(original) is types.FunctionType or before is None or not before.__flags__ & HEAP:
            return
        if before.__module__.partition(".")[0] != kind.__module__.partition(".")[0]:
            return  # a class of the program
        self.placed[before] = before.close = Closing(original, self.guarded(self.closing))

    def closed(self, loop):
        """Reports whether a loop is closed; True where that cannot be told."""
        known = getattr(loop, "_closed", None)
        if known is not None:
            return known
        return self.ask(loop, "is_closed", True)

    def ask(self, loop, name, unknown):
        """Calls a method of a loop in C."""
        method = getattr(type(loop), name, None)
        if method is None or type(method) is types.FunctionType:
            return unknown
        return bool(method(loop))

    def closing(self, loop, frame):
        """close() of a loop was looked up: if it is called next, this is the close."""
        if self.ask(loop, "is_closed", True) or not called_next(frame):
            return
        number = self.threads.loops(loop)
        running = self.ask(loop, "is_running", False)
        fields = ["loop=%d" % number, "thread=%d" % self.threads.number(), "stack=%d" % self.intern.stack(frame)]
        fields += self.running_task() + ["implicit=0", "running=%d" % running, "closed=0"]
        fields.append("pid_differs=%d" % (self.births.get(number, self.spool.pid) != self.spool.pid))
        handling = sys.exc_info()[1]
        if handling is not None:
            fields += self.recording.families[0].handling(handling)
        self.spool.fact("close_begun", *fields)
        self.live.facts(loop, number)
        self.recording.moment("close", loop, number)
        if running:
            words = "Cannot close a running event loop"
            self.spool.fact("close_ended", "loop=%d" % number, "outcome=refused", "exception=RuntimeError", "message=" + escape(words))
        else:
            self.spool.fact("close_ended", "loop=%d" % number, "outcome=closed")

    def drop(self):
        for kind, closing in self.placed.items():
            closing.seen = None
            if vars(kind).get("close") is closing:
                del kind.close
        self.placed.clear()


def called_next(frame):
    """Reports whether what the frame is getting from an object is called next, without arguments."""
    opcode = sys.modules.get("opcode")
    code, at = frame.f_code.co_code, frame.f_lasti + 2
    if opcode is None:
        return False
    while at + 1 < len(code) and opcode.opname[code[at]] in BETWEEN:
        at += 2
    return at + 1 < len(code) and opcode.opname[code[at]].startswith("CALL") and code[at + 1] == 0
