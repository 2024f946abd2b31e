"""What every family of hooks shares: how a hook is guarded, and the fields that many facts have."""
from _thread import get_ident

from . import heap
from .collector import Ballast
from .names import OWN_WORDS, current_of, type_name
from .own import foreign, gc, sys
from .spool import escape

OPENERS = 2000
OWN_TEXTS = 200  # characters kept of a message of asyncio itself


def installed(file, library):
    """Reports whether a file is asyncio's or of an installed package, and none of the program."""
    return file.startswith(library) or "site-packages" in file or "dist-packages" in file


class Recording:
    """The parts of a running recorder that a family of hooks works with."""

    def __init__(self, spool, interner, asyncio, threads, live, steps):
        self.spool = spool
        self.intern = interner
        self.asyncio = asyncio
        self.threads = threads
        self.live = live
        self.steps = steps
        self.births = {}  # loop number -> pid of the process that opened it
        self.families = []
        self.openers = OPENERS  # how many more tasks may be told of that open something
        self.ballast = Ballast()
        self.tests = None  # the family that knows which test runs
        self.primitives = None  # the family that knows where locks, events and the like were made
        self.ending = ""  # why the process ends, once it does
        self.found = None  # what left() returned

    def left(self):
        """Returns ([futures], [coroutines]) that exist when the process ends, looked for once."""
        if self.found is None:
            self.found = heap.left(self.live.Future if self.threads.loop_numbers else ())
        return self.found

    def moment(self, kind, loop, number):
        """Tells every family that now is a moment at which what is left counts. One that fails is noted."""
        for family in self.families:
            try:
                family.moment(kind, loop, number)
            except Exception as exc:
                if foreign(exc):
                    raise
                self.spool.note("%s at %s: %s" % (type(family).__name__, kind, type(exc).__name__))


class Facts:
    """A family of hooks. A subclass names its hooks in HOOKS; the method of that name is what "<lt:name>" calls."""

    HOOKS = ()

    def __init__(self, recording):
        self.recording = recording
        self.spool = recording.spool
        self.intern = recording.intern
        self.asyncio = recording.asyncio
        self.threads = recording.threads
        self.live = recording.live
        self.steps = recording.steps
        self.births = recording.births
        self.library = self.asyncio.__path__[0]

    def put(self, hooks):
        """Puts the hooks of this family into asyncio."""

    def constants(self):
        """Returns the hooks by the names that the injected code uses."""
        return {"<lt:%s>" % n: self.guarded(getattr(self, n)) for n in self.HOOKS}

    def moment(self, kind, loop, number):
        """Writes what is left of this family's things now.

        kind is "close", "shutdown", "run-end" or "exit" (of each open loop), or "end" (once for the process; loop is None).
        """

    def forked(self):
        """In a forked child, before anything of the program runs."""

    def drop(self):
        """Forgets everything that is held of the program: the process is about to end."""

    def guarded(self, hook):
        """Returns hook as a function that never raises on its own account.

        What a signal handler of the program raises while our code runs is the program's and passes.
        """
        code = hook.__func__.__code__
        spool = self.spool
        count, settle = gc.get_count, self.recording.ballast.settle

        def guard(*args):
            # No collection is started by what we allocate: it would come at another time than without us.
            collects = gc.isenabled()
            if collects:
                gc.disable()
                before = count()
            try:
                return hook(*args)
            except Exception as exc:
                if foreign(exc):
                    raise
                spool.note("%s: %s" % (code.co_name, type(exc).__name__))
                return None
            finally:
                if collects:
                    settle(before)
                    gc.enable()

        return guard

    # The frames above a hook: 1 its guard, 2 the function of asyncio that it was put into, 3 the caller of that.

    def where(self, outwards=0):
        """Returns the fields thread and stack, from the caller of the hooked function outwards."""
        return ["thread=%d" % self.threads.number(), "stack=%d" % self.intern.stack(sys._getframe(4 + outwards))]

    def running_task(self, loop=None):
        """Returns the field task of the task that runs in this thread, as a list of one or none."""
        task = None
        tasks = self.asyncio.tasks
        try:
            if loop is not None and (loop._thread_id == get_ident() or loop._thread_id is None):
                task = current_of(tasks, loop)
            if task is None:
                running = self.asyncio.events._get_running_loop()
                if running is not None:
                    task = current_of(tasks, running)
            if task is None and loop is not None and self.births.get(self.threads.loops(loop)) != self.spool.pid:
                task = self.live.running(loop)
        except Exception as exc:
            if foreign(exc):
                raise
            task = None
        return [] if task is None else ["task=@%x" % id(task)]

    def opener(self, frame, task, kind, number):
        """Tells now which task opens something from frame on, if only the library says so: the task may be gone by the end."""
        while frame is not None and id(frame.f_code) not in self.steps.handle_codes:
            if not installed(frame.f_code.co_filename, self.library):
                return
            frame = frame.f_back
        if frame is not None and self.recording.openers:
            self.recording.openers -= 1
            self.spool.fact("resource_opened", "resource=" + kind, "id=%d" % number, "task=@%x" % id(task))

    def exception(self, exc):
        """Returns the fields of an exception; its text only if asyncio itself raised it."""
        fields = ["exception=" + escape(type_name(exc))]
        tb = exc.__traceback__
        last = tb
        while last is not None and last.tb_next is not None:
            last = last.tb_next
        own = last is not None and last.tb_frame.f_code.co_filename.startswith(self.library)
        if own and type(exc) is RuntimeError and exc.args and type(exc.args[0]) is str and exc.args[0].startswith(OWN_WORDS):
            fields.append("message=" + escape(exc.args[0][:OWN_TEXTS]))
        if tb is not None:
            fields.append("raised_stack=%d" % self.intern.traceback(tb))
        return fields
