"""Put every hook where it belongs, once asyncio is imported."""
import sys

from . import stepcode
from .affinity import Affinity
from .asyncgens import Asyncgens
from .cancels import Cancels
from .dropped import Dropped
from .executors import Executors
from .facts import Recording
from .handled import Handled
from .idle import BUSY, IDLE, IDLE_MANY, idle
from .inject import CannotInject, Injection, around, assigns, beside, calls, hook, make_template, statements
from .intern import Interner
from .lazy import ast
from .live import Live
from .loops import Loops
from .outside import Outside
from .primitives import Primitives
from .refusals import Refusals
from .registry import Registry
from .replaced import Replaced
from .resources import Resources
from .retained import Retained
from .steps import Steps
from .templates import Templates
from .testing import CurrentTest
from .threads import Threads
from .waits import Waits
from .wakeups import WANTED, waking

# Every family of hooks. A later one may count on the facts that an earlier one wrote at the same moment.
FAMILIES = (
    Loops, CurrentTest, Replaced, Primitives, Affinity, Waits, Refusals, Cancels, Handled, Dropped, Asyncgens, Retained, Executors,
    Resources, Outside,
)  # fmt: skip


class Hooks:
    """Everything that is put into asyncio, so that it can be renewed when a constant changes."""

    def __init__(self, spool, templates, constants):
        self.spool = spool
        self.templates = templates
        self.constants = constants
        self.hot = []  # (injection, called after apply)
        self.all = []
        self.giving_way = {}  # id of a function -> its own code, while its statements are being exchanged
        self.wanted = {}  # id of a function -> (the function, edits)
        self.later = {}  # id of a function -> (injection, edits, variant)
        self.made = None

    def put(self, function, edit):
        """Wants statements in function, once all of them are known: several families may have business there."""
        entry = self.wanted.setdefault(id(function), (function, []))
        entry[1].append(edit)

    def put_all(self):
        """Puts in what put() was asked for."""
        for function, edits in self.wanted.values():
            self.put_now(function, edits)
        self.wanted.clear()

    def put_now(self, function, edits, variant=""):
        """Puts statements into function; says so in the facts where that is not possible."""
        try:
            template = self.template(function, edits, variant)
            injection = Injection(function, template, self.values(), self.giving_way.get(id(function)))
            self.giving_way.pop(id(function), None)
            self.all.append(injection)
            return injection
        except (CannotInject, SyntaxError, AttributeError, ValueError) as exc:
            if id(function) in self.giving_way:
                function.__code__ = self.giving_way.pop(id(function))
            self.refused(getattr(function, "__qualname__", "?"))(exc)
            return None

    def template(self, function, edits, variant):
        code = function.__code__
        return self.templates.get(code, variant, lambda: make_template(code, edits, self.refused(function.__qualname__)))

    def prepare(self, function, edits, variant):
        """Returns what puts statements into function later, at no more cost than that of making the code."""
        try:
            self.template(function, edits, variant)
        except (CannotInject, SyntaxError, AttributeError, ValueError):
            pass  # said when they are put in
        return lambda: self.put_later(function, edits, variant)

    def put_later(self, function, edits, variant):
        """Puts statements into a function of a module that was imported since, beside those that other families put there."""
        before = self.later.get(id(function))
        if before is not None and before[0] is not None:
            before[0].undo()
            self.all.remove(before[0])
            edits, variant = before[1] + edits, before[2] + " " + variant
        self.later[id(function)] = (self.put_now(function, edits, variant), edits, variant)

    def refused(self, name):
        """Returns what notes why the function of that name is not observed."""
        return lambda exc: self.spool.note("%s is not observed: %s" % (name, exc))

    def values(self):
        """Returns the constants, made once while nothing has changed."""
        if self.made is None:
            self.made = self.constants()
        return self.made

    def keep_fresh(self, injection, after):
        if injection is not None:
            self.hot.append((injection, after))
            after(injection)

    def drop_hot(self):
        """Forgets the hot statements. They stay where they are until others take their place: a loop may run meanwhile."""
        for injection, _ in self.hot:
            self.giving_way[id(injection.function)] = injection.original
            self.all.remove(injection)
        self.hot.clear()

    def renew(self):
        self.made = None
        constants = self.values()
        for injection, after in self.hot:
            injection.apply(constants)
            after(injection)

    def undo(self):
        """Gives asyncio its own code back.

        The interpreter is about to be taken down. A code object takes no part in garbage collection, so hooks left in
        one would keep asyncio, and through it an unflushed sys.stderr, alive (3.8 then loses its last lines).
        """
        self.spool.on_new_segment = None
        for injection in reversed(self.all):
            injection.undo()
        self.all.clear()
        self.later.clear()
        self.hot.clear()


def install(asyncio, spool, process, directory, wanted=()):
    """Starts recording. asyncio was just imported, nothing of it has run. directory is where templates may be kept.

    wanted is what to record beside the usual.
    """
    import threading

    spool.map_segment()
    interner = Interner(spool)
    threads = Threads(spool, threading)
    registry = Registry(asyncio)
    templates = Templates(directory)
    steps = Steps(spool, interner, asyncio, threads, registry, templates)
    if WANTED in wanted:
        steps.waking = waking(steps)
    live = Live(spool, interner, asyncio, registry)
    steps.live = live
    recording = Recording(spool, interner, asyncio, threads, live, steps)
    live.ballast = recording.ballast
    recording.families = [family(recording) for family in FAMILIES]

    def constants():
        found = steps.constants()
        for family in recording.families:
            own = family.constants()
            for name in found.keys() & own.keys():
                spool.note("two hooks are called %s" % name)
            found.update(own)
        found["<lt:eager>"] = steps.eager
        return found

    hooks = Hooks(spool, templates, constants)

    def renew():
        hooks.renew()
        steps.first_step = steps.hot.first_step()
        registry.hook(steps.hot)

    def other_steps():
        hooks.drop_hot()
        hooks.keep_fresh(put_steps(asyncio, hooks, steps), steps.remember)
        hooks.keep_fresh(put_waits(asyncio, hooks, threads), lambda injection: None)
        renew()

    def many():
        steps.current[:] = [None, 0]
        other_steps()

    other_steps()
    put_tasks(asyncio, hooks, steps)
    put_names(asyncio, hooks)
    for family in recording.families:
        family.put(hooks)
    hooks.put_all()
    spool.on_new_segment = renew
    steps.on_change = other_steps
    threads.on_many = many
    process.after_fork.append(threads.after_fork)
    process.after_fork += [family.forked for family in recording.families]

    def undo():
        hooks.undo()
        registry.unhook()
        for family in recording.families:
            family.drop()
        steps.kept.clear()  # codes that hold our hooks
        steps.run_code = steps.first_step = steps.waking = None
        steps.hot.forget()
        interner.kept.clear()
        interner.codes.clear()

    process.watch_ends(recording, undo)
    templates.save()


def put_steps(asyncio, hooks, steps):
    return hooks.put_now(asyncio.events.Handle._run, [stepcode.around_call(steps.before(), stepcode.STEP_AFTER)], steps.before())


def put_waits(asyncio, hooks, threads):
    before = IDLE_MANY if threads.many else IDLE
    return hooks.put_now(asyncio.base_events.BaseEventLoop._run_once, [idle(before), beside(assigns("end_time"), after=BUSY)], before)


def put_tasks(asyncio, hooks, steps):
    seen = stepcode.CANCEL_SEEN + (stepcode.SPAWN_SEEN if sys.version_info >= (3, 14) else "")
    base = asyncio.base_events.BaseEventLoop
    hooks.put(base._call_soon, stepcode.at_handle(seen))
    if sys.version_info >= (3, 14):
        made = returned("_task_factory")
    else:
        made = beside(calls("_task_factory"), after=hook("eager", "task"))
    hooks.put(base.create_task, made)


def returned(name):
    """Returns an edit for create_task (3.14), which hands on what the factory made without giving it a name."""
    made = calls(name)

    def edit(function):
        for node in ast.walk(function):
            block = getattr(node, "body", None)
            for s in block if isinstance(block, list) else ():
                if isinstance(s, ast.Return) and made(s):
                    keep = ast.copy_location(ast.Assign(targets=[ast.Name(id="_lt_task", ctx=ast.Store())], value=s.value), s)
                    ast.copy_location(keep.targets[0], s)
                    at = block.index(s)
                    block[at : at + 1] = [keep] + statements(hook("eager", "_lt_task") + "; return _lt_task", s)
                    return
        raise CannotInject("no return of " + name)

    return edit


def put_names(asyncio, hooks):
    """asyncio.create_task() names a task after it was made, up to 3.12."""
    if hasattr(asyncio.tasks, "_set_task_name"):
        hooks.put(asyncio.tasks._set_task_name, around("pass", "if name is not None:\n    " + hook("named", "task")))
