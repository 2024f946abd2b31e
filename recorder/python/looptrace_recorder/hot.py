"""The functions that are paid per task, with everything they need bound to local names.

They are built anew when a constant changes (a new segment, other code in Handle._run). The walk over the creation stack
is written out frame by frame: a loop costs twice as much.
"""
import sys
from weakref import ref

from .spool import ARG_SITE, RETURNED_NAME, RETURNED_NUMBER, SPAWNED, clock

DEPTH = 8  # frames of a creation stack

SPAWNED_HEAD = """
def spawned({signature}):
    try:
        code = item._coro.cr_code
        if item._loop is not current[0]:
            raise LookupError
        f0 = getframe({depth})
        c0 = f0.f_code
"""
SPAWNED_LEVEL = """
        f{n} = f{o}.f_back
        c{n} = f{n}.f_code
        if c{n} is run:
            key = (id(code), {key})
        else:
"""
SPAWNED_TAIL = """
        site = sites[key]
        address = id(item)
        i = next()
        values[i] = site
        words[i] = address + {arg_site}
        i = next()
        values[i] = clock()
        words[i] = address + {spawned}
    except (LookupError, AttributeError, ValueError):
        slow(item, getframe({depth}))
    {keep}
"""


def level(n):
    """Returns the source that looks at frame n; the deepest gives up: the stack then needs the slow way."""
    pad = "    " * (n - 1)
    if n > DEPTH:
        return pad + "        raise LookupError\n"
    key = ", ".join("id(c%d), f%d.f_lasti" % (k, k) for k in range(n))
    lines = SPAWNED_LEVEL.format(n=n, o=n - 1, key=key).strip("\n").splitlines()
    return "\n".join(pad + line for line in lines) + "\n" + level(n + 1)


def spawned_source(signature, depth, keep):
    tail = SPAWNED_TAIL.format(arg_site=ARG_SITE, spawned=SPAWNED, depth=depth, keep=keep)
    return SPAWNED_HEAD.format(signature=signature, depth=depth) + level(1) + tail


class Hot:
    """Builds the hot functions for the present constants."""

    def __init__(self, steps, templates):
        self.steps = steps
        self.templates = templates
        self.spaces = []

    def forget(self):
        """Drops the code at which stacks end: it holds our hooks, and they hold these functions."""
        for space in self.spaces:
            space["run"] = None
        self.spaces.clear()

    def namespace(self):
        s = self.steps
        space = {
            "getframe": sys._getframe,
            "id": id,
            "current": s.current,
            "run": s.run_code,
            "sites": s.sites,
            "next": s.spool.next,
            "values": s.spool.values,
            "words": s.spool.words,
            "clock": clock,
            "slow": s.spawned,
            "ref": ref,
        }
        self.spaces.append(space)
        return space

    def add(self, add, discard):
        """Returns the add() of the registry of tasks (up to 3.13)."""

        def source():
            # The frame of the caller; C has none in between.
            return spawned_source("self, item", 1, "add(ref(item, discard))")

        space = self.namespace()
        space["discard"], space["add"] = discard, add
        exec(self.templates.source("<looptrace>/add", source), space)
        return space["spawned"]

    def first_step(self):
        """Returns the function that records a spawn from the scheduling of a first step (3.14)."""
        # Above it: Steps.scheduled, _call_soon, call_soon, then whoever made the task.
        space = self.namespace()
        exec(self.templates.source("<looptrace>/first_step", lambda: spawned_source("item", 4, "")), space)
        return space["spawned"]

    def ended(self):
        """Returns the function that records the end of a C task."""
        s = self.steps
        next, values, words = s.spool.next, s.spool.values, s.spool.words
        get_name, cancelled = s.Task.get_name, s.Task.cancelled
        names = s.intern.names
        slow = s.ended

        def ended(task):
            try:
                if task._exception is None:
                    name = get_name(task)
                    if name[:5] == "Task-":
                        value = name[5:]
                        if value < "1" or not value.isdecimal() or len(value) > 15:
                            raise LookupError
                        code = RETURNED_NUMBER
                        value = float(value)
                    else:
                        code = RETURNED_NAME
                        value = names[name]
                    if cancelled(task):
                        code += 1
                    i = next()
                    values[i] = value
                    words[i] = id(task) + code
                    return
            except (LookupError, AttributeError, ValueError, TypeError):
                pass
            slow(task)

        return ended
