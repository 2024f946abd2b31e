"""Which test of pytest or unittest runs, told without a plugin: from the environment and from the stack.

pytest says it in the variable PYTEST_CURRENT_TEST, "tests/test_mail.py::test_send (call)". For unittest a frame of
TestCase.run() is looked for. Looked at only when something rare happens: several tests that share a loop each have a run of
it, or hand their coroutine over from another thread.
"""
import os as real_os
import sys as real_sys
import types
from _thread import get_ident

from .facts import Facts
from .inject import around, hook
from .own import foreign, gc, os, sys
from .spool import escape

VARIABLE = "PYTEST_CURRENT_TEST"
# Before these are written, it is looked which test runs.
MOMENTS = frozenset(
    (
        "loop_opened", "run_begun", "run_ended", "close_begun", "shutdown_begun", "loop_used_closed", "exception_handled",
        "coroutine_dropped", "call_refused", "run_refused", "thread_failed", "process_ending",
    )
)  # fmt: skip
CASES = ("unittest/case.py", "unittest/async_case.py")
PHASES = {
    "_callSetUp": "setup", "_setupAsyncioRunner": "setup", "_setupAsyncioLoop": "setup",
    "_callTearDown": "teardown", "_callCleanup": "teardown", "_tearDownAsyncioRunner": "teardown", "_tearDownAsyncioLoop": "teardown",
}  # fmt: skip
RUNS = ("pytest_runtest_setup", "pytest_runtest_call", "pytest_runtest_teardown")
FIXTURES = "_pytest/fixtures.py"
NESTED = 8  # decorators
HEAD, TAIL = 300, 200  # characters kept of a name: that of a parametrised test may be as long as its parameters


class CurrentTest(Facts):
    """Tells when another test runs."""

    HOOKS = ("looked",)

    def __init__(self, recording):
        super().__init__(recording)
        self.told = None  # the fields of the last fact; None: no test was ever seen
        self.last = (None, "")  # (value of the variable, scope of the fixture) of pytest
        self.thread = 0  # that a test of unittest was seen in
        self.turn = 0  # counts the facts
        self.environ = os.environ
        recording.tests = self

    def put(self, hooks):
        hooks.put(self.asyncio.base_events.BaseEventLoop.call_soon_threadsafe, around(hook("looked", "")))
        self.spool.moments, self.spool.look = MOMENTS, self.look
        self.steps.outside = self.look

    def forked(self):
        self.told = None if self.told is None else ()  # said once more: the child's facts are its own

    def drop(self):
        self.spool.moments, self.spool.look = (), None  # the fork hooks keep the spool
        self.steps.outside = None

    def looked(self):
        self.look()

    def look(self):
        """Records which test runs, if that has changed."""
        try:
            fields = self.fields()
            if fields is not None and fields != self.told and (fields or self.told is not None):
                self.told = fields
                self.turn += 1
                self.spool.fact("test_begun", "thread=%d" % self.threads.number(), *fields)
        except Exception as exc:
            if foreign(exc):
                raise
            self.spool.note("which test runs is not known: %s" % type(exc).__name__)

    def fields(self):
        """Returns the fields of a fact about the test that runs, none if none does; None if it is the same as before."""
        value = self.variable()
        if value is None and self.last[0] is not None:
            value = self.cleared()
        if value is None:
            if self.last[0] is not None:
                self.last = (None, "")
            return self.unittest() if "unittest.case" in real_sys.modules else ()
        scope = ""
        if not value.endswith(" (call)"):
            scope = self.scope(value)
        if (value, scope) == self.last and self.told:
            return None
        self.last = (value, scope)
        name, _, phase = value.rpartition(" (")
        fields = ("runner=pytest", "name=" + escape(bounded(name)), "phase=" + escape(phase[:-1]))
        return fields + ("scope=" + scope,) if scope else fields

    # pytest.

    def variable(self):
        """Returns what pytest says in the environment, None if no test runs. A test may have replaced os.environ meanwhile."""
        given = vars(real_os).get("environ")
        if given is not self.environ:
            value = entry(given)
            if value is not None:
                return value
        return entry(self.environ)

    def cleared(self):
        """Returns what the variable would say if a test has cleared the environment, None if no test runs on this thread."""
        nodes = class_in("_pytest.nodes", "Node")
        frame = sys._getframe(2)
        while frame is not None:
            code = frame.f_code
            if code.co_name in RUNS and code.co_filename.endswith("_pytest/runner.py"):
                item = first_argument(frame, nodes)
                name = None if item is None else name_of(item, vars(nodes))
                return None if name is None else "%s (%s)" % (name, code.co_name[len("pytest_runtest_") :])
            frame = frame.f_back
        return None

    def scope(self, value):
        """Returns the scope of the fixture that is set up or torn down, if it is wider than one test, else ""."""
        seen = False
        frame = sys._getframe(2)
        while frame is not None:
            code = frame.f_code
            if "/_pytest/" in code.co_filename:
                seen = True
                if code.co_name in ("execute", "finish") and code.co_filename.endswith(FIXTURES):
                    scope = scope_of(first_argument(frame, class_in("_pytest.fixtures", "FixtureDef")))
                    return "" if scope == "function" else escape(scope)
            frame = frame.f_back
        if seen:
            return ""
        if "_pytest.runner" not in real_sys.modules:
            return "undetermined"  # a program that a fixture started: who else uses it is not known
        return self.last[1] if self.last[0] == value else ""  # another thread

    # unittest.

    def unittest(self):
        """Returns the fields about the test of unittest that is on the stack; None if that cannot be said."""
        case = class_in("unittest.case", "TestCase")
        phase = ""
        frame = sys._getframe(2)
        while frame is not None:
            code = frame.f_code
            if code.co_filename.endswith(CASES):
                phase = phase or PHASES.get(code.co_name, "")
                if code.co_name == "run":
                    test = first_argument(frame, case)
                    if test is not None:
                        self.thread = get_ident()
                        name, in_class, code = names_of(test)
                        where = 0 if code is None else self.intern.stack_of([(code, code.co_firstlineno)])
                        fields = "runner=unittest", "name=" + name, "class=" + in_class, "phase=" + (phase or "call")
                        return fields + ("def_stack=%d" % where,) if where else fields
            frame = frame.f_back
        return () if self.thread in (0, get_ident()) else None


def entry(environ):
    """Returns the variable's value in an os.environ, or in a dictionary in its place. Runs no code of the program."""
    if type(environ) is type(os.environ):
        environ = vars(environ).get("_data")
    if type(environ) is not dict:
        return None
    value = environ.get(VARIABLE)
    if value is None:
        value = environ.get(VARIABLE.encode())
    if type(value) is bytes:
        value = os.fsdecode(value)
    return value if type(value) is str and value.endswith((" (setup)", " (call)", " (teardown)")) else None


def bounded(name):
    """Returns a name of which something is left out if it is too long; how much is said, so that it differs from its like."""
    left_out = len(name) - HEAD - TAIL
    return name if left_out <= 20 else "%s…%d…%s" % (name[:HEAD], left_out, name[-TAIL:])


def class_in(module, name):
    """Returns a class of a module that the program has imported, an empty tuple if it is not there or something else."""
    found = real_sys.modules.get(module)
    found = vars(found).get(name) if type(found) is type(real_sys) else None
    return found if issubclass(type(found), type) else ()


def first_argument(frame, kind):
    """Returns the object that the method in frame, which runs, was called on, if it is of that kind; else None.

    Up to 3.10 the garbage collector tells. From 3.11 on it does not see running frames, but f_locals of these frames may be
    asked for: they are unittest's and pytest's own, and what that keeps in them (up to 3.12) goes with them.
    """
    if sys.version_info < (3, 11):
        for obj in gc.get_referents(frame):
            if issubclass(type(obj), kind):
                return obj
        return None
    obj = frame.f_locals.get(frame.f_code.co_varnames[0])
    return obj if issubclass(type(obj), kind) else None


def name_of(item, of_nodes):
    """Returns the name of a test of pytest, None if that cannot be told. From 9.2 on it is an object that keeps its text."""
    slot = of_nodes.get("_nodeid") or of_nodes.get("_id")
    found = None if slot is None else slot.__get__(item)
    if type(found).__module__ == "_pytest.nodeid":
        found = getattr(found, "_str_cache", None)
    return found if type(found) is str else None


def scope_of(fixture):
    """Returns "function", "class", "module", "package" or "session", "" if that cannot be told."""
    found = {} if fixture is None else vars(fixture)
    scope = found.get("_scope", found.get("scope"))
    if type(scope) is not str:
        scope = getattr(scope, "_value_", "")
    return scope if type(scope) is str else ""


def names_of(test):
    """Returns module.Class.method as TestCase.id() does, Class, and the method's code, without asking the program's class."""
    kind = type(test)
    of_type = vars(type)
    found = of_type["__module__"].__get__(kind), of_type["__qualname__"].__get__(kind)
    found += (object.__getattribute__(test, "__dict__").get("_testMethodName"),)
    names = [name if type(name) is str else "?" for name in found]
    methods = [of_type["__dict__"].__get__(base).get(names[2]) for base in of_type["__mro__"].__get__(kind)]
    return escape(bounded(".".join(names))), escape(bounded(names[1])), code_of([m for m in methods if m is not None])


def code_of(methods):
    """Returns the code of the first of several functions, without what was put around it. None if it is something else."""
    function = methods[0] if methods else None
    for _ in range(NESTED):
        if type(function) is not types.FunctionType:
            return None
        if "__wrapped__" not in vars(function):
            return function.__code__
        function = vars(function)["__wrapped__"]
    return None
