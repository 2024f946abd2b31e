"""Exceptions that reached nobody: what a loop's exception handler is given, and what is never asked for at all."""
import types
from _thread import get_ident
from functools import partial

from .calls import CALLED, POPPED, names_of, place_fields
from .facts import OWN_TEXTS, Facts
from .futures import owner_of
from .inject import around, hook
from .names import type_name
from .own import directory, gc, sys
from .spool import escape

FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType)
# How asyncio's messages begin that go on with a name or a value of the program.
BEGINNINGS = ("Exception in callback", "an error occurred during closing of asynchronous generator")
SHIELDED = "exception in shielded future"
REFUSED_STEPS = ("Cannot enter into task", "Leaving task")


class Handled(Facts):
    """The messages to exception handlers. They are seen whatever the program's own handler or its logging does with them."""

    HOOKS = ("handled", "logged")
    unasked = 0  # id of the shielded future whose callbacks are about to look at it, if nobody has asked for its exception

    def put(self, hooks):
        log = getattr(self.asyncio.tasks, "_log_on_exception", None)
        if log is not None:
            hooks.put(log, around(hook("logged", "fut")))
        hooks.put(self.asyncio.base_events.BaseEventLoop.call_exception_handler, around(hook("handled", "self, context")))

    def handled(self, loop, context):
        """The exception handler is called. Only asyncio's own words of the message are kept: the rest may hold values."""
        frame = sys._getframe(2).f_back
        fields = ["loop=%d" % self.threads.loops(loop), "thread=%d" % self.threads.number()]
        if frame is not None:
            fields.append("stack=%d" % self.intern.stack(frame))
        words = self.words(context.get("message"))
        if words.endswith(SHIELDED):  # it begins with the type of the exception
            words = SHIELDED
            fields.append("forgotten=%d" % self.forgotten(context.get("future"), context))
        fields.append("message=" + escape(words))
        exc = context.get("exception")
        if exc is not None:
            fields.append("exception=" + escape(type_name(exc)))
            if isinstance(exc, BaseException):
                fields += self.steps.told_of(exc, owner_of(context.get("handle"))) + self.scheduled(context.get("handle"))
        future = context.get("task") or context.get("future")
        task = future if self.is_task(future) else None
        if future is not None and task is None and issubclass(type(future), self.live.Future):
            fields.append("future=" + escape(self.named(type(future))))
            fields += self.set_at(exc)
        handle = context.get("handle")
        if handle is not None:
            fields += self.callback(handle, exc)
            task = task or self.step_of(handle)
        asyncgen = context.get("asyncgen")
        if type(asyncgen) is types.AsyncGeneratorType:
            fields.append("asyncgen=" + escape(asyncgen.__qualname__))
            opened = self.recording.asyncgens.opened_at(asyncgen)
            if opened:
                fields.append("opened_stack=%d" % opened)
        if task is not None:
            fields.append("task=@%x" % id(task))
        self.spool.fact("exception_handled", *fields)

    def logged(self, future):
        """The inner future of a shield() that was cancelled is done: from 3.14 on its exception is logged, and counts as asked
        for, whoever else waits for it."""
        self.unasked = id(future) if getattr(future, "_log_traceback", False) else 0

    def forgotten(self, future, context):
        """Reports whether nobody can ask for the exception of a shielded future any more."""
        if future is None or self.unasked != id(future):
            return False
        log, callbacks = self.asyncio.tasks._log_on_exception, 0
        for holder in gc.get_referrers(future):
            if type(holder) is tuple and len(holder) == 1:
                callbacks += 1  # the arguments of a handle: the one that runs, or of others that are about to
            elif type(holder) is tuple:
                if holder[0] is not log:
                    return False
            elif type(holder) is types.FrameType:
                if not holder.f_code.co_filename.startswith((self.library, directory)):
                    return False
            elif holder is not context:
                return False
        return callbacks <= 1

    def scheduled(self, handle):
        """Returns where a future's own method was made a callback, if the program has but one line that can have done it."""
        if type(owner_of(handle)) not in self.live.Future:
            return []
        place = self.recording.dropped.handed_on(handle._callback.__name__)
        return [] if place is None else ["scheduled_stack=%d" % self.intern.stack_of([place])]

    def words(self, message):
        """Returns what a message says in words of asyncio."""
        if type(message) is not str:
            return ""
        for beginning in BEGINNINGS:
            if message.startswith(beginning):
                return beginning
        return message.partition("<")[0].partition("(")[0].strip()[:OWN_TEXTS]

    def kind_of(self, exc):
        fields = ["exception=" + escape(type_name(exc))]
        if exc.__traceback__ is not None:
            fields.append("raised_stack=%d" % self.intern.traceback(exc.__traceback__))
        return fields

    def callback(self, handle, exc):
        """Returns what is known of the callback of a handle, and whether it was a step that asyncio refused to take."""
        callback = getattr(handle, "_callback", None)
        while type(callback) is partial:
            callback = callback.func
        fields = []
        if type(callback) is types.MethodType:
            callback = callback.__func__
        if type(callback) in FUNCTIONS:
            fields.append("callback=" + escape(callback.__qualname__))
            if type(callback) is types.FunctionType:
                code = callback.__code__
                fields.append("callback_stack=%d" % self.intern.stack_of([(code, code.co_firstlineno)]))
        elif type(callback) is types.CoroutineType:
            fields.append("coro=" + escape(callback.__qualname__))
            calls = self.recording.calls
            fields += place_fields(self.intern, calls.only(names_of(callback), *CALLED), "search")
        if self.step_of(handle) is not None and type(exc) is RuntimeError and exc.args and type(exc.args[0]) is str:
            for words in REFUSED_STEPS:
                if exc.args[0].startswith(words):
                    fields.append("refused=" + escape(words))
                    fields += ["running" + f[4:] for f in self.running_task()]
        return fields

    def step_of(self, handle):
        """Returns the task whose step or wake-up a handle is, None if it is something else."""
        callback = getattr(handle, "_callback", None)
        if type(callback) in (self.steps.step_type, self.steps.wakeup_type, types.MethodType):
            owner = callback.__self__
            return owner if self.is_task(owner) else None
        return None

    def is_task(self, obj):
        return issubclass(type(obj), (self.live.Task, self.live.PyTask))

    @staticmethod
    def named(kind):
        return type.__getattribute__(kind, "__name__")

    # At the end.

    def moment(self, kind, loop, number):
        if kind != "end" or self.recording.ending not in ("exit", "os._exit"):
            return
        futures, _ = self.recording.left()
        for future in futures or self.steps.registry.tasks():
            if getattr(future, "_state", "") == "FINISHED" and future._exception is not None and future._log_traceback:
                self.unread(future)

    def unread(self, future):
        """The process ends, and nobody ever asked for the exception of this future."""
        loop = future._loop
        runs_in = getattr(loop, "_thread_id", None)
        if runs_in is not None and (runs_in == get_ident() or getattr(loop, "_ready", None)):
            return  # whoever waits for it may be about to ask
        fields = ["loop=%d" % self.threads.loops(loop)] + self.kind_of(future._exception)
        if self.is_task(future):
            fields.append("task=@%x" % id(future))
        else:
            fields.append("future=" + escape(self.named(type(future))))
            fields += self.set_at(future._exception)
        self.spool.fact("exception_unread", *fields)

    def set_at(self, exc):
        """Returns the fields of the only line of the program that sets exceptions, for one that was never raised."""
        calls = self.recording.calls
        if exc is None or exc.__traceback__ is not None or not calls.own_type(type(exc)) and calls.by_library("set_exception"):
            return []
        return place_fields(self.intern, calls.only(("set_exception",), POPPED), "search")
