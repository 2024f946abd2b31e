"""Async generators: which of them still have something to clean up when their loop can no longer run it."""
import itertools
import types

from .facts import Facts
from .inject import around, hook
from .own import foreign, gc, sys
from .spool import escape

FRAMES = 8  # codes and positions of the stack of a first iteration: four frames
MOST = 10000  # generators remembered beyond those that the loop has
BLOCKS = ("SETUP_FINALLY", "SETUP_WITH", "SETUP_ASYNC_WITH")
# Handlers that the compiler puts around an await, an `async for`, and (3.12) the body of every generator.
OWN_HANDLERS = ("CLEANUP_THROW", "END_ASYNC_FOR", "CALL_INTRINSIC_1")


class Asyncgens(Facts):
    """The generators that loops have been told of. Nothing is recorded of one that ends as it should."""

    HOOKS = ("asyncgen_begun", "asyncgen_dropped")

    def __init__(self, recording):
        super().__init__(recording)
        recording.asyncgens = self
        self.begun = {}  # id of a generator -> frames at its first iteration, as code, position, code…; ids are reused
        self.numbers = {}  # id of a generator that was told of -> (its number, its code)
        self.next_number = itertools.count(1).__next__

    def put(self, hooks):
        base = self.asyncio.base_events.BaseEventLoop
        hooks.put(base._asyncgen_firstiter_hook, around(hook("asyncgen_begun", "self, agen")))
        hooks.put(base._asyncgen_finalizer_hook, around(hook("asyncgen_dropped", "self, agen")))

    def constants(self):
        found = super().constants()
        found["<lt:asyncgen_begun>"] = self.asyncgen_begun  # as cheap as can be: it allocates but a tuple
        return found

    def asyncgen_begun(self, loop, agen):
        try:
            frame = sys._getframe(2)
            places = []
            edge = self.steps.handle_codes
            while frame is not None and len(places) < FRAMES:
                code = frame.f_code
                if id(code) in edge:
                    break
                places += (code, frame.f_lasti)  # its line is looked up when it is wanted
                frame = frame.f_back
            begun = self.begun
            if len(begun) > MOST and len(begun) > MOST + 2 * len(loop._asyncgens):
                begun.clear()
            begun[id(agen)] = tuple(places)
        except Exception as exc:
            if foreign(exc):
                raise

    def opened_at(self, agen):
        """Returns the number of the stack at which agen was iterated first, 0 if that is not known."""
        places = self.begun.get(id(agen))
        return self.intern.stack_at(places) if places else 0

    def asyncgen_dropped(self, loop, agen):
        """A generator is collected before its end. On an open loop asyncio will close it."""
        if loop._closed and agen.ag_frame is not None:
            self.tell("collected", loop, agen, "dropped", None)

    # Moments.

    def moment(self, kind, loop, number):
        if kind not in ("close", "exit"):
            return
        told = set()
        for agen, state, task in self.open(loop):
            if id(agen) not in told and agen.ag_frame is not None:
                told.add(id(agen))
                self.tell(kind, loop, agen, state, task)

    def open(self, loop):
        """Returns (generator, state, task that closes it) of every generator whose clean-up the loop has not run."""
        found = []
        for coro, state, task in self.closing(loop):
            for agen in gc.get_referents(coro):
                if type(agen) is types.AsyncGeneratorType:
                    found.append((agen, state, task))
        for ref in list(getattr(getattr(loop, "_asyncgens", None), "data", ())):
            agen = ref()
            if type(agen) is types.AsyncGeneratorType:
                found.append((agen, "iterated" if agen.ag_running else "suspended", None))
        return found

    def closing(self, loop):
        """Returns (awaitable of aclose(), state, task) of those that asyncio has begun to close, or is about to."""
        found = [(self.live.coro(t), "closing", t) for t in self.live.of(loop)]
        for handle in list(getattr(loop, "_ready", ())):
            args = getattr(handle, "_args", None)
            callback = getattr(handle, "_callback", None)
            if type(args) is tuple and args and type(callback) is types.MethodType and callback.__name__ == "create_task":
                found.append((args[0], "scheduled", None))
        return [f for f in found if type(f[0]).__name__ == "async_generator_athrow"]

    def tell(self, moment, loop, agen, state, task):
        known = self.numbers.get(id(agen))
        if known is None or known[1] != id(agen.ag_code):
            known = self.numbers[id(agen)] = (self.next_number(), id(agen.ag_code))
        code, line = agen.ag_code, agen.ag_frame.f_lineno
        fields = [
            "loop=%d" % self.threads.loops(loop),
            "id=%d" % known[0],
            "name=" + escape(agen.__qualname__),
            "moment=" + moment,
            "state=" + state,
            "closed=%d" % bool(loop._closed),
            "cleanup=%d" % guarded_at(code, agen.ag_frame.f_lasti),
            "at_stack=%d" % self.intern.stack_of([(code, line)]),
        ]
        opened = self.opened_at(agen)
        if opened:
            fields.append("stack=%d" % opened)
        if task is not None:
            fields.append("task=@%x" % id(task))
        self.spool.fact("asyncgen_abandoned", *fields)

    def drop(self):
        self.begun.clear()


def guarded_at(code, position):
    """Reports whether a finally:, with or except is around the position in code: then something is left to be cleaned up."""
    dis = sys.modules.get("dis")
    if dis is None:
        return True
    instructions = list(dis.get_instructions(code))
    if sys.version_info >= (3, 11):
        targets = [e.target for e in dis._parse_exception_table(code) if e.start <= position < e.end]
        return any(i.offset in targets and i.opname not in OWN_HANDLERS for i in instructions)
    for i, after in zip(instructions, instructions[1:]):
        if i.opname in BLOCKS and i.offset < position < i.argval and after.opname != "GET_ANEXT":
            return True
    return False
