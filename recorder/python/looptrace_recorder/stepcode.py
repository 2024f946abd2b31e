"""The statements that see tasks: in Handle._run, around every step and callback, and where callbacks are scheduled.

This is the hot part: every line is paid per step or per callback. What the statements call is in steps.py and hot.py.
"""
from .inject import CannotInject, beside, calls, statements
from .lazy import ast
from .own import sys

# What runs around the call in Handle._run: a step is recorded before, an end after. `_lt_` names are local to the frame.
STEP_BEFORE = """
_lt_next = "<lt:next>"; _lt_clock = "<lt:clock>"; _lt_type = "<lt:type>"
if _lt_type(self._callback) in "<lt:shapes>":
    _lt_task = self._callback.__self__
    CHECK:
        try:
            _lt_i = _lt_next()
            "<lt:values>"[_lt_i] = _lt_clock()
            _lt_id = "<lt:id>"
            "<lt:words>"[_lt_i] = _lt_id(_lt_task)
        except (IndexError, ValueError):
            _lt_other = "<lt:missed>"
            _lt_other(_lt_task)
    else:
        _lt_other = "<lt:other>"
        _lt_task = _lt_other(_lt_task)
else:
    _lt_task = None
    try:
        _lt_i = _lt_next()
        "<lt:values>"[_lt_i] = _lt_clock()
        "<lt:words>"[_lt_i] = 1.0
    except (IndexError, ValueError):
        _lt_other = "<lt:missed>"
        _lt_other(None)
"""
# Up to 3.9 the two shapes belong to C tasks alone. From 3.10 a wake-up is a bound method like many others, and so are the
# callbacks of tasks in Python: then the owner is looked at too.
STEP_BEFORE_SHAPE = STEP_BEFORE.replace("CHECK", "if _lt_task is not None")
STEP_BEFORE_OWNER = STEP_BEFORE.replace("    CHECK", '    _lt_kind = "<lt:Task>"\n    if _lt_type(_lt_task) is _lt_kind')
# The same where several threads run loops: a word then says whose it is.
STEP_BEFORE_MANY = """
_lt_other = "<lt:begun>"
_lt_task = _lt_other(self._callback)
"""
STEP_AFTER = """
if _lt_task is not None:
    _lt_other = "<lt:done>"
    if _lt_other(_lt_task):
        _lt_other = "<lt:ended>"
        _lt_other(_lt_task)
    _lt_task = None
"""

# In BaseEventLoop._call_soon: the wake-up of a task whose awaited future is cancelled is how a cancel() is delivered, and
# the canceller is still on the stack. (C Task.cancel itself cannot be hooked.)
CANCEL_SEEN = """
if args:
    _lt_type = "<lt:type>"; _lt_seen = "<lt:wakeup>"
    if _lt_type(callback) is _lt_seen:
        _lt_seen = "<lt:woken>"
        _lt_seen(callback, args[0])
"""
# From 3.14 no registry in Python sees C tasks: their first step is scheduled here.
SPAWN_SEEN = """
if not args:
    _lt_type = "<lt:type>"; _lt_seen = "<lt:first>"
    if _lt_type(callback) is _lt_seen:
        _lt_seen = "<lt:scheduled>"
        _lt_seen(callback)
"""


def before_step(many, python_tasks):
    """Returns what to put ahead of the call in Handle._run."""
    if many:
        return STEP_BEFORE_MANY
    return STEP_BEFORE_SHAPE if sys.version_info < (3, 10) and not python_tasks else STEP_BEFORE_OWNER


def around_call(before, after):
    """Returns an edit for Handle._run: before ahead of the call, after behind it however it ends."""

    def edit(function):
        block = function.body[0]
        if not (isinstance(block, ast.Try) and len(block.body) == 1 and calls("run")(block.body[0])):
            raise CannotInject("Handle._run has another shape")
        call = block.body[0]
        guard = ast.copy_location(ast.Try(body=[call], handlers=[], orelse=[], finalbody=statements(after, call)), call)
        block.body[:] = statements(before, call) + [guard]

    return edit


def at_handle(before):
    """Returns an edit for _call_soon: before ahead of the creation of the handle."""
    return beside(calls("Handle"), before=before)
