"""Coroutines that go away without having taken a step.

The interpreter calls a function of warnings for each of them, whatever the filters say. Where such a coroutine was made is
not known: to track that can be seen by the program and costs. It is told from where it goes away and from the program's code.
"""
import types
from functools import partial

from .calls import CALLED, POPPED, VALUE, Calls, installed, names_of, only, place_fields, popping
from .facts import Facts
from .inject import around, hook
from .live import not_started
from .own import directory, gc, sys
from .spool import escape

HOLDERS = (types.FrameType, types.CoroutineType, types.GeneratorType, types.AsyncGeneratorType)
FEW = 10  # drops of one kind that are all told; then those at powers of two
SEEN = 10000  # coroutines that are known to have been told of
AT_END = 100  # coroutines looked at when the process ends


class Dropped(Facts):
    """Coroutines that nobody awaited."""

    HOOKS = ("dropped",)

    def __init__(self, recording):
        super().__init__(recording)
        recording.dropped = self
        recording.steps.resolvers = self.resolvers
        self.calls = recording.calls = Calls(lambda: self.intern.kept)
        self.addresses = set()  # of those: a list of warnings may keep them to the end
        self.told = {}  # text that names coroutine function and stack -> [count, fields]

    def put(self, hooks):
        import warnings

        if hasattr(warnings, "_warn_unawaited_coroutine"):
            hooks.put(warnings._warn_unawaited_coroutine, around(hook("dropped", "coro")))

    def dropped(self, coro):
        """A coroutine is deallocated unstarted. The frame that runs, if any, is where it lost its last reference."""
        frame = sys._getframe(2).f_back
        stack = 0 if frame is None else self.intern.stack(frame)
        self.recording.tests.look()
        if len(self.addresses) < SEEN:
            self.addresses.add(id(coro))
        key = "%d %d %d %d" % (id(coro.cr_code), stack, frame.f_lasti if frame is not None else 0, self.recording.tests.turn)
        known = self.told.get(key)
        if known is None:
            known = self.told[key] = [0, self.describe(coro, frame)]
        known[0] += 1
        if known[0] <= FEW or not known[0] & (known[0] - 1):
            fields = ["thread=%d" % self.threads.number()] + self.running_task() + known[1]
            if stack:
                fields.append("stack=%d" % stack)
            if known[0] > FEW:
                fields.append("count=%d" % known[0])
            self.spool.fact("coroutine_dropped", *fields)

    def describe(self, coro, frame):
        """Returns the fields that are the same for every coroutine of that function that is dropped there."""
        code = coro.cr_code
        fields = ["coro=" + escape(coro.__qualname__), "def_stack=%d" % self.intern.stack_of([(code, code.co_firstlineno)])]
        names = names_of(coro)
        if frame is not None and id(frame.f_code) in self.steps.handle_codes and self.is_callback(frame, code):
            return fields + ["callback=1"] + place_fields(self.intern, self.calls.only(names, VALUE), "search")
        place, how = self.place(names, frame)
        if place is None and frame is not None and not self.calls.program(frame.f_code):
            handed = self.calls.only(names, VALUE)  # to a library, which called it: a thread, say
            if handed is not None and not self.calls.of(*names, fates=CALLED):
                return fields + ["callback=2"] + place_fields(self.intern, handed, "search")
        if place is None:
            place, how = self.given(names, frame), "function"
        return fields + place_fields(self.intern, place, how)

    def is_callback(self, frame, code):
        """Reports whether the function itself was called back by the loop."""
        handle = frame.f_locals.get("self")
        callback = getattr(handle, "_callback", None)
        while type(callback) is partial:
            callback = callback.func
        return getattr(getattr(callback, "__func__", callback), "__code__", None) is code

    # Where it was made.

    def place(self, names, frame):
        """Returns ((code, line, fate), how) of the call that made the coroutine; (None, "") if that cannot be told."""
        popped = self.popped(frame)
        if popped is not None:
            return popped, "line"
        inner = only(self.within(self.inner_codes(frame), names))
        if inner is not None:
            return inner, "function"
        direct = frame
        while frame is not None and not self.calls.program(frame.f_code):
            # What is further out than the loop did not call what ran.
            frame = None if id(frame.f_code) in self.steps.handle_codes else frame.f_back
        if frame is not None:
            own = self.made_in(frame.f_code, names)
            here = [p for p in own if p.line == frame.f_lineno]
            if here:
                return only(here), "line"
            for places in (self.within(self.called(frame), names), own) if frame is direct else ():
                if only(places):
                    return only(places), "function"
        found = self.calls.of(*names, fates=CALLED)
        return only([p for p in found if p.fate != POPPED]) or only(found), "search"

    def given(self, names, frame):
        """Returns the place that hands the function to something that calls it, as map() does, if nothing else calls it."""
        if frame is None or self.calls.of(*names, fates=CALLED):
            return None
        for codes in (self.inner_codes(frame), [frame.f_code], self.called(frame)):
            found = only(self.within([code for code in codes if self.calls.program(code)], names, (VALUE,)))
            if found is not None:
                return found
        return None

    def popped(self, frame):
        """Returns the place at which frame throws away the result of a call right now."""
        if frame is not None and self.calls.program(frame.f_code):
            for places in self.calls.places(frame.f_code).values():
                for p in places:
                    if p.fate == POPPED and p.end == frame.f_lasti:
                        return p.code, p.line, p.fate
            if popping(frame.f_code, frame.f_lasti):  # of what was looked up in a table, or returned by a call
                return frame.f_code, frame.f_lineno, POPPED
        return None

    def made_in(self, code, names, fates=CALLED):
        places = self.calls.places(code)
        return [p for name in names for p in places.get(name, ()) if p.fate in fates]

    def within(self, codes, names, fates=CALLED):
        return [p for code in codes for p in self.made_in(code, names, fates)]

    def inner_codes(self, frame):
        """Returns the code of the task's own coroutine if the task is about to end: its frame is gone already."""
        if frame is None or id(frame.f_code) not in self.steps.handle_codes:
            return []
        callback = getattr(frame.f_locals.get("self"), "_callback", None)
        if type(callback) in (self.steps.step_type, self.steps.wakeup_type, types.MethodType):
            coro = getattr(callback.__self__, "_coro", None) if self.is_task(callback.__self__) else None
            if type(coro) is types.CoroutineType:
                return [coro.cr_code]
        return []

    def is_task(self, obj):
        return issubclass(type(obj), (self.live.Task, self.live.PyTask))

    def called(self, frame):
        """Returns the codes of the program's functions that the line at which frame is calls: one of them may just have ended."""
        names = {p.name for ps in self.calls.places(frame.f_code).values() for p in ps if p.line == frame.f_lineno}
        self.calls.collect()
        return [code for code in self.calls.codes if code.co_name in names and code is not frame.f_code]

    def handed_on(self, name):
        """Returns (code, line) of the only place where the program names an attribute without calling it, None if there are more."""
        found = self.calls.only((name,), VALUE)
        return found and found[:2]

    def resolvers(self, code, line):
        """Returns (code, line) of the only place beside the given one where the program resolves futures; that one if it is
        the only place at all; None if there are more, or if a library resolves its own."""
        if installed(code.co_filename):
            return None
        places = self.calls.of("set_result", "set_exception")
        others = [p for p in places if p.code is not code or p.line != line]
        found = only(others or places)
        return found and found[:2]

    # At the end.

    def moment(self, kind, loop, number):
        """At exit the interpreter clears the modules, and with them coroutines that they hold, after our hooks are gone."""
        if kind != "end" or self.recording.ending != "exit":
            return
        futures, coroutines = self.recording.left()
        for coro in [c for c in coroutines if c.cr_frame is not None and not_started(c, c.cr_frame)][:AT_END]:
            if id(coro) not in self.addresses and not self.held(coro):
                code = coro.cr_code
                names = names_of(coro)
                place = only(self.calls.of(*names, fates=CALLED))
                fields = ["coro=" + escape(coro.__qualname__), "def_stack=%d" % self.intern.stack_of([(code, code.co_firstlineno)])]
                fields += place_fields(self.intern, place, "exit")
                self.spool.fact("coroutine_dropped", "thread=%d" % self.threads.number(), *fields, "at_end=1")

    def held(self, coro):
        """Reports whether something that may still run, or that failed, refers to coro."""
        found = False
        for holder in gc.get_referrers(coro):
            kind = type(holder)
            if issubclass(kind, HOLDERS + (self.live.Task, self.live.PyTask, self.asyncio.Handle)):
                if kind is not types.FrameType or not holder.f_code.co_filename.startswith(directory):
                    found = True
                    break
        holder = None  # up to 3.10 this frame is among them: it would keep itself alive
        return found

    def drop(self):
        self.told.clear()
        self.addresses.clear()
        self.calls.codes = []
        self.calls.seen.clear()
