"""Wake-ups of tasks. They are recorded only where that was asked for: each is a slot more per await that has to wait."""
from .own import foreign, sys
from .spool import WOKEN, clock

WANTED = "wakeups"  # in LOOPTRACE_RECORD


def waking(steps):
    """Returns what the statement in _call_soon() calls with the wake-up of a task in C and the future that it waited for."""
    tasks = (steps.Task, steps.PyTask)
    spool = steps.spool

    def woken(callback, future):
        try:
            task = callback.__self__
            if not isinstance(task, tasks):
                return
            state = getattr(future, "_state", None)
            if state is None:
                return  # another method of the task
            # The segment may have changed since the statement was made; the tag goes first, because a thread that is new is told.
            word = id(task) + WOKEN + steps.tag()
            try:
                i = spool.next()
                spool.values[i] = clock()
                spool.words[i] = word
            except (IndexError, ValueError):
                spool.put(word, clock())
            if state == "CANCELLED":
                steps.delivered(task, future, sys._getframe(3))
        except Exception as exc:
            if foreign(exc):
                raise

    return woken
