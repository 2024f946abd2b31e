"""Prints what a program can see of its interpreter and of asyncio; the recorder must not change a line of it."""
import asyncio
import asyncio.events
import gc
import inspect
import os
import sys
import threading
import traceback
import weakref


def show(name, value):
    print(name, value)


def depth():
    n, frame = 0, sys._getframe()
    while frame is not None:
        n, frame = n + 1, frame.f_back
    return n


async def fails():
    await asyncio.sleep(0)
    show("depth in a step", depth())
    raise ValueError("x")


async def main():
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(fails())
    show("task", (type(task), task.get_name(), type(task.get_coro()).__name__, task._callbacks))
    show("references", (sys.getrefcount(task), len(gc.get_referrers(task))))
    show("ready", [type(h).__name__ for h in loop._ready])
    try:
        await task
    except ValueError:
        traceback.print_exc(file=sys.stdout)
    dead = weakref.ref(task)
    del task
    show("collected", dead() is None)
    order = []
    futures = [loop.create_future() for _ in range(3)]
    for n, f in enumerate(futures):
        f.add_done_callback(lambda f, n=n: order.append(n))
        f.set_result(n)
    loop.call_soon(order.append, "soon")
    await asyncio.sleep(0.001)
    show("callbacks", order)
    loop.call_soon(lambda: 1 / 0)
    await asyncio.sleep(0)


show("modules", sorted(m for m in sys.modules if "looptrace" in m or m in ("mmap", "marshal", "sitecustomize", "copy")))
show("path", [p for p in sys.path if "looptrace" in p.lower() or "recorder" in p])
show("meta_path", [getattr(f, "__name__", type(f).__name__) for f in sys.meta_path])
show("environment", sorted(k for k in os.environ if "LOOPTRACE" in k or k == "PYTHONPATH"))
base = asyncio.BaseEventLoop
for f in (base.close, base.run_forever, base.run_until_complete, base.stop, base._run_once, base.create_task, asyncio.Handle._run, asyncio.run):
    show(f.__qualname__, (f.__module__, inspect.signature(f), f.__doc__, inspect.getsource(f), f.__defaults__, f.__closure__ is None))
show("hooks", (sys.excepthook is sys.__excepthook__, sys.unraisablehook is sys.__unraisablehook__, sys.gettrace(), sys.getprofile()))
show("threads", [t.name for t in threading.enumerate()])
show("policy", asyncio.get_event_loop_policy().__class__.__name__ if sys.version_info < (3, 14) else "")
asyncio.run(main())
loop = asyncio.new_event_loop()
show("names", sorted(vars(loop)))


async def refused():
    loop.close()


try:
    loop.run_until_complete(refused())
except RuntimeError:
    traceback.print_exc(file=sys.stdout)
loop.close()
try:
    loop.call_soon(print)
except RuntimeError:
    traceback.print_exc(file=sys.stdout)
try:
    os.execv("/nonexistent", ["x"])
except OSError as exc:
    show("exec", exc)
