"""Hand the recorder on to child processes that are given an environment of their own.

Those that inherit it are recorded without this: the recorder takes itself out of os.environ, not out of the environment.
"""
import os

from .inject import CannotInject, Injection, around, make_template
from .templates import Templates

GIVE = '_lt_hook = "<lt:give>"; env = _lt_hook(env)'


def hand_on(subprocess, spool, environment, directory):
    """Makes subprocess.Popen give its children the recorder. environment is what they need, as bytes."""
    templates = Templates(directory, "subprocess")
    given = given_to(environment)

    def spawned(env):
        return given(os.environ if env is None else env)

    for name, give in (("_execute_child", given), ("_posix_spawn", spawned)):
        function = getattr(subprocess.Popen, name, None)
        if function is None or "env" not in function.__code__.co_varnames[: function.__code__.co_argcount]:
            continue
        try:
            template = templates.get(function.__code__, "", lambda f=function: make_template(f.__code__, [around(GIVE)]))
            Injection(function, template, {"<lt:give>": give})
        except (CannotInject, SyntaxError, ValueError) as exc:
            spool.note("children of subprocess.%s are not recorded: %s" % (name, exc))
    templates.save()


def given_to(environment):
    """Returns a function that adds the recorder to a child's environment; None, which is inherited, stays None."""

    def given(env):
        if env is None:
            return None
        try:
            found = dict(env)
            if all(found.get(os.fsdecode(key)) == os.fsdecode(environment[key]) for key in environment if b"LOOPTRACE" in key):
                return env  # one of the two methods has called the other
            path = found.pop("PYTHONPATH", None) or found.pop(b"PYTHONPATH", None)
            for key, value in environment.items():
                found.pop(key, None)
                found[os.fsdecode(key)] = os.fsdecode(value)
            if path:
                found["LOOPTRACE_PYTHONPATH"] = path
                found["PYTHONPATH"] += os.pathsep + os.fsdecode(path)
            return found
        except Exception:
            return env  # not an environment: subprocess says so better

    return given
