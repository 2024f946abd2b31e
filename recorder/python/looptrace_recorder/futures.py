"""Which future a failed line was about: found from its frame by what the collector sees, without running code of the program."""
import types

from .own import gc

# What asyncio says when a future is resolved or asked out of turn.
RESOLVED = ("invalid state", "FINISHED", "CANCELLED", "Result is not set.", "Result is not ready.", "Exception is not set.")

NEAR = 200  # objects looked at
PLAIN = (dict, list, tuple, set)
PASSED = (type, types.ModuleType, types.FunctionType, types.CodeType, types.FrameType)


def futures_near(frame, kinds):
    """Returns the futures among the variables of a frame, else those that its variables hold."""
    seen = 0
    level = gc.get_referents(frame)
    # The namespaces of the module and of builtins are no variables of the function.
    outside = (id(frame.f_globals), id(frame.f_builtins))
    for _ in range(4):
        found = {id(o): o for o in level if type(o) in kinds}
        if found:
            return list(found.values())
        inner = []
        for o in level:
            seen += 1
            if id(o) in outside or seen > NEAR or issubclass(type(o), PASSED):
                continue
            if type(o) in PLAIN and len(o) > NEAR:
                continue
            inner += gc.get_referents(o)
        level = inner
    return []


def state_of(futures):
    """Returns the field resolved, as a list: the state that all of the futures that are done have in common."""
    states = {f._state for f in futures if f._state != "PENDING"}
    return ["resolved=" + states.pop().lower()] if len(states) == 1 else []


def owner_of(handle):
    """Returns the object whose method a handle calls, None for anything but a method in C."""
    callback = getattr(handle, "_callback", None)
    return callback.__self__ if issubclass(type(callback), types.BuiltinMethodType) else None
