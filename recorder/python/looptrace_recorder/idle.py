"""What is put around the wait of a loop, and at the beginning of its iterations."""

from .inject import CannotInject, calls, statements
from .lazy import ast, copy

# Before the loop waits: note it, and sample where its tasks are. If a sample is not due yet, the wait is taken in two
# parts and the sample comes between them, so that a program killed while it hangs has said where.
IDLE = """
_lt_part = None
if timeout != 0:
    _lt_next = "<lt:next>"; _lt_clock = "<lt:clock>"; _lt_due = "<lt:due>"
    try:
        _lt_i = _lt_next()
        _lt_now = _lt_clock()
        "<lt:values>"[_lt_i] = _lt_now
        "<lt:words>"[_lt_i] = 2.0
        if _lt_now > _lt_due[0]:
            _lt_idle = "<lt:sample>"
            _lt_idle(self, _lt_i)
        elif _lt_due[1]:
            _lt_part = _lt_due[0] - _lt_now + _lt_due[1]
            if timeout is not None and timeout <= _lt_part:
                _lt_part = None
            else:
                _lt_due[2] = _lt_now
                _lt_due[3] = _lt_i
    except Exception:
        _lt_idle = "<lt:idle>"
        _lt_part = _lt_idle(self, timeout)
"""
# The same where several threads run loops.
IDLE_MANY = """
_lt_part = None
if timeout != 0:
    _lt_idle = "<lt:idle>"
    _lt_part = _lt_idle(self, timeout)
"""
WAIT = """
if _lt_part is not None:
    _lt_select_part
    if not event_list:
        _lt_idle = "<lt:hanging>"
        timeout = _lt_idle(self, timeout)
        _lt_select
else:
    _lt_select
"""


def idle(before):
    """Returns an edit for _run_once that runs before ahead of the wait, and waits as WAIT says."""
    wait = calls("select")

    def edit(function):
        for node in ast.walk(function):
            block = getattr(node, "body", None)
            for s in block if isinstance(block, list) else ():
                if isinstance(s, ast.Assign) and wait(s):
                    if getattr(s.targets[0], "id", "") != "event_list":
                        raise CannotInject("the events have another name")
                    if ast.dump(s.value.args[0]) != ast.dump(ast.Name(id="timeout", ctx=ast.Load())):
                        raise CannotInject("select() is given something else")
                    at = block.index(s)
                    block[at : at + 1] = statements(before + WAIT, s, {"_lt_select": s, "_lt_select_part": with_part(s)})
                    return
        raise CannotInject("no call of select()")

    return edit


def with_part(statement):
    """Returns a copy of event_list = ….select(timeout) that waits _lt_part instead."""
    part = copy.deepcopy(statement)
    part.value.args[0].id = "_lt_part"
    return part


BUSY = """
_lt_due = "<lt:due>"
if end_time > _lt_due[4]:
    _lt_due = "<lt:busy>"
    _lt_due(self)
"""
