"""Prints what a program can see around its loops: modules, environment, descriptors, threads, hooks, the collector."""
import asyncio
import atexit
import builtins
import gc
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import types
import warnings

IGNORED = ("LC_CTYPE", "_")
REPLACED = {"_exit", "execv", "execve"}  # os functions that are known to be others


def show(name, *values):
    print(name, re.sub(r"0x[0-9a-f]+", "0x", str(values)))


def opened():
    """The number that the next descriptor gets, and how many low ones are open."""
    fd = os.open(os.devnull, os.O_RDONLY)
    os.close(fd)
    low = []
    for number in range(100):
        try:
            os.fstat(number)
            low.append(number)
        except OSError:
            pass
    return fd, low


def namespaces():
    for module in [m for n, m in sorted(sys.modules.items()) if n.split(".")[0] == "asyncio"] + [os, sys, gc, threading, signal, builtins]:
        show(module.__name__, sorted(n for n in vars(module) if not n.startswith("last_")))
        for name, kind in sorted(vars(module).items()):
            if isinstance(kind, type) and kind.__module__ == module.__name__:
                show(module.__name__ + "." + name, kind.__mro__, sorted((n, type(v).__name__) for n, v in vars(kind).items()))
            elif isinstance(kind, types.FunctionType) and kind.__module__ == module.__name__ and name not in REPLACED:
                c = kind.__code__
                show(name, kind.__qualname__, sorted(vars(kind)), c.co_name, c.co_firstlineno, c.co_filename, c.co_argcount, c.co_flags)


def around():
    show("modules", sorted(sys.modules))
    show("path", sys.path, sorted(sys.path_importer_cache), len(sys.path_hooks))
    show("meta_path", sys.meta_path)
    show("environment", sorted((k, v) for k, v in os.environ.items() if k not in IGNORED), os.getcwd(), sys.argv)
    show("filters", warnings.filters, warnings.showwarning)
    show("logging", logging.root.handlers, sorted(logging.root.manager.loggerDict), logging.getLogger("asyncio").handlers)
    hooks = ("excepthook", "unraisablehook", "displayhook", "breakpointhook")
    show("hooks", [getattr(sys, h) is getattr(sys, "__%s__" % h) for h in hooks], threading.excepthook)
    show("tracing", sys.gettrace(), sys.getprofile(), threading._trace_hook, threading._profile_hook, sys.getrecursionlimit())
    show("more hooks", sys.get_asyncgen_hooks(), sys.get_coroutine_origin_tracking_depth(), sys.getswitchinterval(), sys.flags)
    show("signals", [(int(n), signal.getsignal(n)) for n in sorted(signal.valid_signals())], signal.getitimer(signal.ITIMER_REAL))
    show("threads", [(t.name, t.daemon) for t in threading.enumerate() if "waitpid" not in t.name and "Pool" not in t.name])
    show("collector", gc.isenabled(), gc.get_threshold(), gc.get_freeze_count(), gc.callbacks, gc.garbage, gc.get_debug())
    show("descriptors", opened())
    show("streams", sys.stdout is sys.__stdout__, sys.stderr is sys.__stderr__, sys.stdin is sys.__stdin__)
    show("umask", os.umask(0o22), os.getpriority(os.PRIO_PROCESS, 0), signal.pthread_sigmask(signal.SIG_BLOCK, ()))


async def child():
    await asyncio.sleep(0)


async def main():
    loop = asyncio.get_running_loop()
    around()
    await asyncio.gather(child(), child())
    await loop.run_in_executor(None, lambda: show("executor", [t.name for t in threading.enumerate()]))
    # A child that inherits the environment, and one that is given it.
    code = "import os, sys; print(sorted(k for k in os.environ if k not in %r), sys.path, sorted(sys.modules))" % (IGNORED,)
    for env in (None, {"A": "b", "PATH": os.environ["PATH"]}, dict(os.environ)):
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=subprocess.PIPE, env=env)
        out, _ = await process.communicate()
        show("child", env and sorted(env), process.returncode, out.decode().split())
    show("loop", opened())


namespaces()
around()
asyncio.run(main())
around()
for _ in range(3):
    asyncio.run(child())
    gc.collect()
thread = threading.Thread(target=lambda: asyncio.run(child()))
thread.start()
thread.join()
while threading.active_count() > 1:  # asyncio waits for a child in a thread
    pass
around()
sys.stdout.flush()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pid = os.fork()
if pid == 0:
    around()
    asyncio.run(child())
    around()
    sys.stdout.flush()
    os._exit(3)
show("forked", os.waitpid(pid, 0)[1])
atexit.register(around)
