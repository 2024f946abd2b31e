"""Runs of loops whose class got another run_forever(), run_until_complete() or _run_once(), as nest_asyncio gives them.

The functions in their place get statements like those in asyncio's own. A run that was under way by then is followed from
its next iteration.
"""
import types
from weakref import ref

from .facts import Facts, installed
from .idle import BUSY, IDLE_MANY, idle
from .inject import CannotInject, around, assigns, beside, blocks_of, both, calls, enter, hook, statements
from .lazy import ast
from .own import sys

RUNS = ("run_forever", "run_until_complete")
# Before 3.11 tests have other ways to cancel what is left: the backport of asyncio.Runner that pytest-asyncio uses, and
# unittest's own.
SHUTDOWN = enter("shutdown_enter", "loop")
SHUTDOWN_DONE = hook("shutdown_leave", "_lt_state")
ITERATED = '_lt_hook = "<lt:late_runs>"\nif _lt_hook:\n    ' + hook("iterated", "self")


class Replaced(Facts):
    """The hooks of replaced functions. A run may begin while another one of the same loop is under way."""

    HOOKS = ("replaced_enter", "replaced_target", "replaced_leave", "iterated")

    def __init__(self, recording):
        super().__init__(recording)
        self.hooks = None
        self.own = {}  # name -> asyncio's function
        self.codes = {}  # id of the code that a replaced function had before -> its name
        self.seen = set()  # ids of functions that need nothing more
        self.late_runs = {}  # id of a loop -> runs that began unseen
        recording.replaced = self
        self.look = self.guarded(self.met)
        self.steps.replaced = self.born

    def put(self, hooks):
        self.hooks = hooks
        base = vars(self.asyncio.base_events.BaseEventLoop)
        self.own = {name: base[name] for name in RUNS + ("_run_once",)}

    def constants(self):
        found = super().constants()
        found["<lt:late_runs>"] = self.late_runs
        return found

    def drop(self):
        self.late_runs.clear()
        self.codes.clear()
        self.hooks = self.steps.replaced = None

    # When a class is met.

    def born(self, task, frame):
        """A task was born where no other one was born before: no time is lost by a look at the class of its loop."""
        kind = type(task._loop)
        for name, own in self.own.items():
            function = type.__getattribute__(kind, name)
            if function is not own and id(function) not in self.seen:
                self.look(task._loop, task, frame)
                return

    def met(self, loop, task=None, frame=None):
        """A loop is opened, or a task of it is made below frame: its class may have functions that were not seen before."""
        kind, found = type(loop), False
        for name, own in self.own.items():
            function = type.__getattribute__(kind, name)
            if function is own or id(function) in self.seen:
                continue
            self.seen.add(id(function))
            if type(function) is types.FunctionType and self.takes_place(function, name):
                self.codes[id(function.__code__)] = function.__code__, name
                self.hooks.put_later(function, [self.edit(name)], "replaced")
                found = True
        found = self.other_shutdowns() or found
        if found:
            self.hooks.templates.save()
            if frame is not None:
                self.under_way(loop, task, frame)

    def other_shutdowns(self):
        """Puts the hooks of a shutdown into functions that do what asyncio's does. Returns whether it did."""
        found = False
        for module, owner, name, edit in SHUTDOWNS:
            space = sys.modules.get(module)
            space = vars(space) if type(space) is type(sys) else {}
            if owner:
                space = vars(space[owner]) if type(space.get(owner)) is type else {}
            function = space.get(name)
            if type(function) is types.FunctionType and id(function) not in self.seen:
                self.seen.add(id(function))
                self.hooks.put_later(function, [edit], "shutdown")
                found = True
        return found

    def takes_place(self, function, name):
        """Reports whether a function of an installed package does without asyncio's function of its name.

        What the program itself defines is left as it is.
        """
        code = function.__code__
        return name not in code.co_names and installed(code.co_filename, self.library)

    def edit(self, name):
        if name == "_run_once":
            return in_turn(idle(IDLE_MANY), beside(assigns("end_time"), after=BUSY), around("pass", ITERATED))
        parameters = ("self",) if name == "run_forever" else ("self", "future")
        wrap = around(enter("replaced_enter", ", ".join((parameters + ("None",))[:2])), hook("replaced_leave", "_lt_state"))
        return checked(parameters, wrap if name == "run_forever" else both(target, wrap))

    # Runs.

    def replaced_enter(self, loop, future):
        """A replaced function begins. Its target is told when it is a task."""
        if loop._closed:
            return None
        return self.begin(loop, sys._getframe(3), future)

    def begin(self, loop, frame, future):
        state = [loop, None, frame, sys.exc_info()[1]]
        run = state, list(self.steps.current), []
        if future is None or isinstance(future, (self.live.Task, self.live.PyTask)):
            self.replaced_target(run, future)
        return run

    def replaced_target(self, run, future):
        if run is None or run[0][1] is not None:
            return
        loops = self.recording.families[0]
        loops.run_begun(run[0], "run_forever" if future is None else "run_until_complete", future)
        loops.begin_current(run[0])
        if future is not None:
            run[2].append(ref(future))

    def replaced_leave(self, run):
        if run is None or run[0][1] is None:
            return
        state, before, target = run
        self.recording.families[0].run_leave(state, target[0]() if target else None)
        if before[0] is not None and not self.threads.many:
            self.steps.loop_changed(*before)
        self.steps.step_again(sys._getframe(2))

    # Runs that began unseen.

    def under_way(self, loop, task, frame):
        """Tells the run in which a task is made, if it is one of a function that carries no hooks as yet."""
        direct = True
        while frame is not None and id(frame.f_code) not in self.steps.handle_codes:
            known = self.codes.get(id(frame.f_code))
            if known is not None and known[1] in RUNS:
                target = task if direct and known[1] == "run_until_complete" else None
                self.late_runs.setdefault(id(loop), []).append(self.begin(loop, frame.f_back, target))
                return
            direct = direct and frame.f_code.co_filename.startswith(self.library)
            frame = frame.f_back

    def iterated(self, loop):
        """An iteration is over. The run that it belongs to ends with its target, or when it is stopped."""
        runs = self.late_runs.get(id(loop))
        if not runs:
            return
        task = runs[-1][2][0]() if runs[-1][2] else None
        if loop._stopping or task is not None and self.live.done(task):
            self.replaced_leave(runs.pop())
            if not runs:
                del self.late_runs[id(loop)]


def checked(parameters, edit):
    """Returns edit for functions whose parameters have these names, which the statements use."""

    def check(function):
        if tuple([a.arg for a in function.args.args]) != parameters:
            raise CannotInject("other parameters")
        edit(function)

    return check


def in_turn(*edits):
    """Returns an edit for a method without parameters that makes those of several edits for which it has a place."""

    def edit(function):
        made = 0
        for e in edits:
            try:
                e(function)
                made += 1
            except CannotInject:
                pass
        if not made:
            raise CannotInject("no place for any of the statements")

    return checked(("self",), edit)


def target(function):
    """An edit for run_until_complete(): tells the task that the future was made into."""
    for block, s in blocks_of(function):
        if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name) and isinstance(s.value, ast.Call):
            if getattr(s.value.func, "attr", getattr(s.value.func, "id", "")) in ("ensure_future", "create_task"):
                at = block.index(s) + 1
                block[at:at] = statements(hook("replaced_target", "_lt_state, " + s.targets[0].id), s)
                return
    raise CannotInject("no task is made")


SHUTDOWNS = (
    ("backports.asyncio.runner.runner", "", "_cancel_all_tasks", checked(("loop",), around(SHUTDOWN, SHUTDOWN_DONE))),
    (
        "unittest.async_case", "IsolatedAsyncioTestCase", "_tearDownAsyncioLoop",
        in_turn(around("_lt_state = None"), beside(assigns("to_cancel"), before=SHUTDOWN), beside(calls("close"), before=SHUTDOWN_DONE)),
    ),
)  # fmt: skip
