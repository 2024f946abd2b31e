"""Replaces the functions of os, gc, sys, time and signal by ones that count their calls and fail, and runs loops meanwhile."""
import asyncio
import gc
import os
import signal
import sys
import time

called = []


def failing(name):
    def fail(*args, **kwargs):
        called.append(name)
        raise OSError("mocked " + name)

    return fail


NAMES = {
    os: "write open fstat dup dup2 close posix_fallocate getcwd sysconf stat rename unlink",
    os.path: "join isabs normpath dirname basename abspath",
    gc: "disable enable isenabled get_referents get_referrers get_objects freeze unfreeze collect get_count",
    sys: "exc_info",
    time: "perf_counter perf_counter_ns",
    signal: "getsignal valid_signals",
}


async def child(n):
    await asyncio.sleep(0.001 * n)
    return n


async def fails():
    raise ValueError


async def main(n):
    loop = asyncio.get_running_loop()
    left = loop.create_task(asyncio.sleep(60), name="left %d" % n)
    try:
        await asyncio.wait_for(child(50), 0.001)
    except asyncio.TimeoutError:
        pass
    print(await asyncio.gather(child(1), child(2), fails(), return_exceptions=True))
    try:
        loop.close()
    except RuntimeError as exc:
        print(exc)
    loop.call_soon(loop.stop)
    await asyncio.shield(left)


loop = asyncio.new_event_loop()
real = [(m, n, getattr(m, n)) for m, names in NAMES.items() for n in names.split() if hasattr(m, n)]
real += [(sys, "version_info", sys.version_info), (sys, "platform", sys.platform)]
for m, n, _ in real:
    setattr(m, n, {"version_info": (3, 5), "platform": "mocked"}.get(n) or failing(n))
try:
    for n in range(3):
        try:
            loop.run_until_complete(main(n))
        except RuntimeError as exc:
            print(exc)
    # More than the first segment holds.
    for _ in range(100):
        loop.run_until_complete(asyncio.wait([loop.create_task(child(0)) for _ in range(50)]))
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    loop.run_until_complete(asyncio.wait(left))
    loop.close()
finally:
    for m, n, function in real:
        setattr(m, n, function)
print(called)
