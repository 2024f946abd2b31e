"""Tasks: spawn, step, end, cancel. This is the hot part: what the statements in stepcode.py call, and spawned(), is paid per task."""
import types
from weakref import ref

from .futures import RESOLVED, futures_near, state_of
from .hot import DEPTH, Hot
from .names import current_of, own_words, type_name, with_words
from .own import foreign, sys
from .registry import shapes_of
from .spool import ARG_NAME, ARG_NUMBER, ARG_SITE, CALLBACK, CANCELLED, RAISED, RETURNED, SPAWNED, WAITING, clock, escape
from .stepcode import before_step

EARLY = 300  # steps after each of which the task is sampled at once: a program that dies young was not sampled by then
EAGER = sys.version_info >= (3, 12)
SITES = 100000  # spawn sites known to the hot function
KEY = 2 + 2 * DEPTH  # loop, coroutine, and a code and a position per frame


class Steps:
    """The task hooks of one process."""

    def __init__(self, spool, interner, asyncio, threads, registry, templates):
        self.spool = spool
        self.registry = registry
        self.intern = interner
        self.threads = threads
        self.tasks_module = asyncio.tasks
        self.Task = asyncio.tasks.Task
        self.PyTask = asyncio.tasks._PyTask
        self.own_loops = (asyncio.base_events.BaseEventLoop,)
        self.Gathering = asyncio.tasks._GatheringFuture
        self.handle_codes = set()  # ids of the codes at which a creation stack ends
        self.kept = []
        self.current = [None, 0]  # the loop that runs in the only loop thread, and its number
        self.known = {}  # spawn sites of every loop
        self.sites = {}  # those of the current loop, by the key that the hot function makes
        self.run_code = None  # of Handle._run, where a creation stack ends
        self.hot = Hot(self, templates)
        self.seen_python_task = False
        self.early_steps = EARLY
        self.live = None
        self.resolvers = None  # tells where else futures are resolved
        self.replaced = None  # called with a task that was born at a new place and its frame
        self.cancelled = None  # called when a task is being cancelled
        self.waking = None  # in place of woken(): records every wake-up, if that was asked for
        self.on_change = None  # called when Handle._run needs other statements
        self.outside = None  # called when a task is made outside of every callback
        self.first_step = None  # the hot function of 3.14
        self.told = {}  # tasks around exotic awaitables whose first step was seen to be scheduled (3.14)
        self.step_type, self.wakeup_type = shapes_of(asyncio)

    # Constants of the injected code.

    def constants(self):
        s = self.spool
        return {
            "<lt:next>": s.next,
            "<lt:values>": s.values,
            "<lt:words>": s.words,
            "<lt:clock>": clock,
            "<lt:id>": id,
            "<lt:type>": type,
            "<lt:Task>": self.Task,
            "<lt:begun>": self.begun,
            "<lt:shapes>": self.shapes(),
            "<lt:missed>": self.missed,
            "<lt:other>": self.other,
            "<lt:ended>": self.ended if self.threads.many else self.hot.ended(),
            "<lt:done>": self.early if self.early_steps > 0 else self.done if self.seen_python_task else self.Task.done,
            "<lt:wakeup>": self.wakeup_type,
            "<lt:woken>": self.woken if self.waking is None else self.waking,
            "<lt:first>": self.step_type,
            "<lt:scheduled>": self.scheduled,
            "<lt:named>": self.named,
        }

    def shapes(self):
        """Returns the types of callbacks that may be a step of a task."""
        found = {self.step_type, self.wakeup_type}
        if self.seen_python_task:
            found.add(types.MethodType)
        return frozenset(found)

    def remember(self, injection):
        """Ends creation stacks at this function from now on."""
        code = injection.function.__code__
        self.kept.append(code)
        self.handle_codes.add(id(code))
        self.run_code = code

    def before(self):
        """Returns what to put ahead of the call in Handle._run."""
        return before_step(self.threads.many, self.seen_python_task)

    def loop_changed(self, loop, number):
        """Notes the loop that runs in the only loop thread."""
        if number != self.current[1]:
            self.sites.clear()
        self.current[:] = [loop, number]

    # Steps.

    def tag(self):
        """Returns what to add to a word for the calling thread."""
        return self.threads.tag()

    def missed(self, task):
        """Records a step (None: another callback) for which the caller had no room."""
        try:
            self.spool.roll((CALLBACK if task is None else float(id(task))) + self.tag(), clock())
        except Exception as exc:
            if foreign(exc):
                raise

    def other(self, owner):
        """Returns owner if it is a task, and records its step; else records a callback."""
        try:
            if isinstance(owner, (self.Task, self.PyTask)):
                self.spool.put(float(id(owner)) + self.tag(), clock())
                return owner
            self.spool.put(CALLBACK + self.tag(), clock())
        except Exception as exc:
            if foreign(exc):
                raise
        return None

    def begun(self, callback):
        """Records a step or callback where several threads run loops."""
        try:
            if type(callback) in self.shapes():
                return self.other(callback.__self__)
            self.spool.put(CALLBACK + self.tag(), clock())
        except Exception as exc:
            if foreign(exc):
                raise
        return None

    def early(self, task):
        """Returns whether task is done; if not, records where it is suspended."""
        done = self.done(task)
        if not done:
            self.named(task)
            self.early_steps -= 1
            if self.early_steps == 0:
                self.spool.changed()
        return done

    def done(self, task):
        return self.base(task).done(task)

    def base(self, task):
        return self.Task if isinstance(task, self.Task) else self.PyTask

    def ended(self, task):
        """Records the end of a task."""
        try:
            base = self.base(task)
            address = float(id(task))
            put = self.spool.put
            name = base.get_name(task)
            if name[:5] == "Task-" and name[5:].isdecimal() and len(name) < 20:
                put(address + ARG_NUMBER, float(name[5:]))
            else:
                number = self.intern.name(name)
                if number:
                    put(address + ARG_NAME, float(number))
            if base.cancelled(task):
                code = CANCELLED
            elif task._exception is None:
                code = RETURNED
            else:
                code = RAISED
                self.failed(task, task._exception)
            put(address + code + self.tag(), clock())
        except Exception as exc:
            if foreign(exc):
                raise
            self.spool.note("the end of a task was not recorded: %s" % type(exc).__name__)

    def failed(self, task, exc):
        fields = ["task=@%x" % id(task), "type=" + escape(type_name(exc))] + self.told_of(exc)
        self.spool.fact("task_failed", *fields)

    def told_of(self, exc, owner=None):
        """Returns the fields of an exception that left a task, a callback (a method of owner, if it is in C) or a thread."""
        fields = []
        words = own_words(exc) or with_words(exc)
        if words:
            fields.append("words=" + escape(words))
            if words in RESOLVED:
                fields += self.resolved(exc, owner)
        if exc.__traceback__ is not None:
            fields.append("raised_stack=%d" % self.intern.traceback(exc.__traceback__))
        return fields

    def resolved(self, exc, owner):
        """Returns the state of the future that was resolved once more, if only one is in sight of the line that did it, and
        the line that can have done so before."""
        if type(owner) in self.live.Future:
            return state_of([owner])
        tb = exc.__traceback__
        while tb is not None and tb.tb_next is not None:
            tb = tb.tb_next
        if tb is None:
            return []
        fields = state_of(futures_near(tb.tb_frame, self.live.Future))
        first = self.resolvers(tb.tb_frame.f_code, tb.tb_lineno) if fields == ["resolved=finished"] else None
        return fields if first is None else fields + ["first_stack=%d" % self.intern.stack_of([first])]

    # Spawns.

    def spawned(self, task, frame):
        """Records the birth of a task that was created below frame."""
        try:
            known = self.told.pop(id(task), None) if self.told else None
            if known is not None and known() is task:
                return
            below = self.eager_step(frame) if EAGER else None
            if below is not None:
                self.birth_in_eager_step(task, frame, below)
            elif isinstance(task._loop, self.own_loops):
                self.birth(task, frame)
                if self.replaced is not None:
                    self.replaced(task, frame)
            else:
                self.birth_outside(task, frame)
        except Exception as exc:
            if foreign(exc):
                raise
            self.spool.note("the birth of a task was not recorded: %s" % type(exc).__name__)

    def eager_step(self, frame):
        """Returns the frame of the factory that is taking the first step of the task in which frame's task is made, or None."""
        file = self.tasks_module.__file__
        f = frame
        while f is not None and f.f_code.co_name in ("factory", "create_task"):
            f = f.f_back
        while f is not None and id(f.f_code) not in self.handle_codes:
            if f.f_code.co_name == "factory" and f.f_code.co_filename == file:
                return f
            f = f.f_back
        return None

    def birth_in_eager_step(self, task, frame, below):
        """Records the birth of a task in the first step of an eager one, which no registry knows yet, as that one's child."""
        outer = current_of(self.tasks_module, task._loop)
        if outer is not None:
            if id(outer) not in self.told:
                self.told[id(outer)] = ref(outer)
                if self.registry.own is not None:
                    self.registry.note(outer)
                self.birth(outer, below)
            self.spool.put(float(id(outer)) + self.tag(), clock())
        self.birth(task, frame)
        self.step_again(below)

    def step_again(self, frame):
        """Records that the step of the task below which frame is goes on: others were taken in between."""
        while frame is not None and id(frame.f_code) not in self.handle_codes:
            frame = frame.f_back
        stepping = getattr(frame.f_locals["self"]._callback, "__self__", None) if frame is not None else None
        if isinstance(stepping, (self.Task, self.PyTask)):
            self.spool.put(float(id(stepping)) + self.tag(), clock())

    def birth_outside(self, task, frame):
        """Records the birth of a task of a loop whose steps are not seen: the present one is told, for it is the parent."""
        parent = current_of(self.tasks_module, task._loop)
        if parent is None and self.outside is not None:
            self.outside()
        if parent is not None and parent is not task:
            self.spool.put(float(id(parent)) + self.tag(), clock())
        self.birth(task, frame)
        self.spool.put(CALLBACK + self.tag(), clock())

    def birth(self, task, frame):
        """Writes the slots of a birth, and the definition of its site if it is new."""
        try:
            coro = task._coro
            code = coro.cr_code if type(coro) is types.CoroutineType else None
            loop = task._loop
            current = self.current
            tag = 0.0
            if loop is current[0]:
                key = [current[1], id(code)]
            else:
                key = [self.threads.loops(loop), id(code)]
                tag = self.tag()
            stop = self.handle_codes
            hot = eager = False
            f = frame
            while f is not None and len(key) < KEY:
                c = id(f.f_code)
                if c in stop:
                    hot = f.f_code is self.run_code and loop is current[0] and code is not None
                    break
                eager = eager or f.f_code.co_name == "factory"
                key.append(c)
                key.append(f.f_lasti)
                f = f.f_back
            else:
                if not self.within(f):
                    tag = tag or self.tag()
                    if self.outside is not None:
                        self.outside()
            key = tuple(key)
            text = "%s" % (key,)  # the collector does not count it
            site = self.known.get(text)
            new = site is None
            if new:
                site = self.known[text] = self.define(key[0], task, code, frame, len(key) // 2 - 1)
            if hot and not eager and not tag and len(self.sites) < SITES:
                self.sites[key[1:]] = site
            address = float(id(task))
            spool = self.spool
            try:
                i = spool.next()
                spool.values[i] = site
                spool.words[i] = address + ARG_SITE
                i = spool.next()
                spool.values[i] = clock()
                spool.words[i] = address + SPAWNED + tag
            except (IndexError, ValueError):
                spool.put(address + ARG_SITE, site)
                spool.put(address + SPAWNED + tag, clock())
            if new:
                self.named(task)
            if type(task) is not self.Task and not self.seen_python_task and isinstance(task, self.PyTask):
                self.seen_python_task = True
                self.on_change()
        except Exception as exc:
            if foreign(exc):
                raise
            self.spool.note("the birth of a task was not recorded: %s" % type(exc).__name__)

    def named(self, task):
        """Records the name of a task that has just been made, in case there is no time to sample it."""
        try:
            if self.done(task):
                return
            self.live.name(task)
            self.spool.put(float(id(task) + WAITING), float(self.live.chain(task)[0]))
        except Exception as exc:
            if foreign(exc):
                raise

    def within(self, frame):
        """Reports whether frame is below a callback of the loop of this thread."""
        while frame is not None:
            if id(frame.f_code) in self.handle_codes:
                return True
            frame = frame.f_back
        return False

    def define(self, loop, task, code, frame, depth):
        places = []
        while frame is not None and len(places) < depth:
            self.kept.append(frame.f_code)
            places.append((frame.f_code, frame.f_lineno))
            frame = frame.f_back
        self.kept.append(code)
        coro = task._coro
        name = getattr(coro, "__qualname__", None) if type(coro) in NAMED or coro is None else type(coro).__name__
        return float(self.intern.site(places, loop, str(name or ""), code))

    def scheduled(self, callback):
        """Records a spawn from the scheduling of a first step (3.14)."""
        try:
            task = callback.__self__
            coro = task._coro
            if type(coro) is types.CoroutineType and (coro.cr_suspended or coro.cr_running or coro.cr_frame is None):
                return
            if type(coro) is types.GeneratorType and (coro.gi_suspended or coro.gi_running or coro.gi_frame is None):
                return
            if id(task) in self.told and self.told[id(task)]() is task:
                return
            self.registry.note(task)
            self.first_step(task)
            if type(coro) not in NAMED:
                self.told[id(task)] = ref(task)  # what looks like its first step may come again
        except Exception as exc:
            if foreign(exc):
                raise
            self.spool.note("the birth of a task was not recorded: %s" % type(exc).__name__)

    def eager(self, task):
        """Records a task whose first step was taken before the factory returned it: it may be in no registry (3.12+)."""
        try:
            if not isinstance(task, (self.Task, self.PyTask)):
                return
            done = self.base(task).done(task)
            if done or self.registry.lacks(task):
                if not done:
                    self.registry.note(task)
                self.spawned(task, sys._getframe(1))
                if done:
                    self.ended(task)
        except Exception as exc:
            if foreign(exc):
                raise

    # Cancels.

    def woken(self, callback, future):
        """Records a cancel if the future that wakes the task is cancelled."""
        try:
            if getattr(future, "_state", "") == "CANCELLED":
                self.delivered(callback.__self__, future, sys._getframe(3))
        except Exception as exc:
            if foreign(exc):
                raise

    def delivered(self, task, future, frame):
        """Records that task is cancelled by the future it waits for, which somebody below frame cancelled."""
        own = (self.Task, self.PyTask)
        if isinstance(task, own) and not isinstance(future, own + (self.Gathering,)):  # their own cancel was recorded
            self.cancelled(task, frame)


NAMED = (types.CoroutineType, types.GeneratorType, types.AsyncGeneratorType)
