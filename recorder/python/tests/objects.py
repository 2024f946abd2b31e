"""Prints what a program can see of its tasks, handles, futures, loops and locks."""
import asyncio
import contextvars
import gc
import re
import sys
import traceback
import weakref


def plain(text):
    text = re.sub(r"0x[0-9a-f]+", "0x", str(text))
    return re.sub(r"when=[0-9.]+", "when=", text)


def show(name, *values):
    print(name, plain(values))


def stack():
    frame, names = sys._getframe(1), []
    while frame is not None:
        names.append("%s:%d" % (frame.f_code.co_name, frame.f_lineno))
        frame = frame.f_back
    return names


def counts(obj):
    gc.collect()  # or what is garbage since the last collection counts as well
    return sys.getrefcount(obj), sorted(type(r).__name__ for r in gc.get_referrers(obj))


def queued(loop):
    ready = [(type(h).__name__, repr(h), len(h._args or ()), h._source_traceback) for h in loop._ready]
    return ready, [(type(h).__name__, repr(h)) for h in sorted(loop._scheduled)]


class Watched:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        show("gone", self.name)


var = contextvars.ContextVar("var", default=0)


async def child(name, wait=0):
    watched = Watched(name)
    show("child", name, stack(), asyncio.current_task().get_name(), var.get())
    await asyncio.sleep(wait)
    return watched.name


async def nested(n):
    if n:
        return await nested(n - 1)
    show("nested", stack())
    await asyncio.sleep(0)
    raise KeyError(n)


class Own(asyncio.Task):
    pass


async def tasks(loop):
    task = loop.create_task(child("a"))
    show("task", task, task._callbacks, task._source_traceback, task.get_stack(), sorted(vars(task)) if hasattr(task, "__dict__") else "")
    show("task counts", counts(task))
    show("coro counts", sys.getrefcount(task.get_coro()), weakref.getweakrefcount(task.get_coro()))
    show("queued", queued(loop))
    task.add_done_callback(lambda t: show("done 1", t, stack()))
    task.add_done_callback(lambda t: show("done 2", sys.getrefcount(t)))
    await asyncio.sleep(0)
    show("suspended", task, counts(task), queued(loop))
    await task
    show("ended", task, counts(task), queued(loop))
    ref = weakref.ref(task, lambda _: print("task collected"))
    del task
    show("gone", ref() is None)
    var.set(5)
    own = Own(child("own"), loop=loop)
    show("own", own, type(own), counts(own))
    await own
    show("all", sorted(t.get_name() for t in asyncio.all_tasks()))
    first, second = loop.create_task(child("b")), loop.create_task(child("c", 0.001))
    gathered = asyncio.gather(first, second)
    show("gather", gathered, counts(gathered), counts(first), first._callbacks)
    show(await gathered)
    del first, second, gathered
    failing = loop.create_task(nested(3))
    try:
        await failing
    except KeyError as exc:
        show("raised", traceback.format_exc(), sys.getrefcount(exc), counts(failing))
        frames = []
        tb = exc.__traceback__
        while tb is not None:
            frames.append((tb.tb_frame.f_code.co_name, tb.tb_lineno, tb.tb_lasti >= 0))
            tb = tb.tb_next
        show("frames", frames)
        del tb
    show("failing", failing, failing._log_traceback if hasattr(failing, "_log_traceback") else "")


async def cancels(loop):
    task = loop.create_task(child("d", 10))
    await asyncio.sleep(0)
    waiter = task._fut_waiter
    show("waiter", waiter, counts(waiter), waiter._callbacks)
    task.cancel()
    show("cancelled", task, task._must_cancel, task._fut_waiter, queued(loop), counts(waiter))
    try:
        await task
    except asyncio.CancelledError:
        show("cancel", traceback.format_exc())
    show("ended", task, sys.getrefcount(task), counts(waiter))
    early = loop.create_task(child("never"))
    early.cancel()
    show("early", early, early._must_cancel, queued(loop))
    await asyncio.wait([early])
    show("early", early)
    try:
        await asyncio.wait_for(child("late", 10), 0.001)
    except asyncio.TimeoutError:
        show("timeout", traceback.format_exc() if sys.version_info >= (3, 11) else "")
    inner = loop.create_task(child("shielded", 0.001))
    outer = asyncio.shield(inner)
    show("shield", outer, inner, counts(inner), counts(outer))
    outer.cancel()
    await asyncio.wait([inner])
    show("after", inner, outer)


async def handles(loop):
    order = []
    soon = loop.call_soon(order.append, 1)
    show("soon", soon, counts(soon), queued(loop))
    later = loop.call_later(0.001, order.append, 2)
    gone = loop.call_later(100, order.append, 3)
    safe = loop.call_soon_threadsafe(order.append, 4)
    show("queued", queued(loop), counts(later), counts(safe))
    gone.cancel()
    show("cancelled", gone, counts(gone), later, len(loop._scheduled), loop._timer_cancelled_count)
    loop.call_soon(lambda: show("callback", stack(), [type(h).__name__ for h in loop._ready]))
    future = loop.create_future()
    show("future", future, counts(future))
    future.add_done_callback(lambda f: order.append("f1"))
    future.add_done_callback(lambda f: order.append("f2"))
    show("future", future, counts(future))
    loop.call_soon(future.set_result, "x")
    await future
    show("future", future, counts(future))
    await asyncio.sleep(0.002)
    show("order", order)
    loop.set_exception_handler(lambda _, c: show("handler", stack(), sorted(c), c["message"], c["exception"]))
    loop.call_soon(lambda: 1 / 0)
    await asyncio.sleep(0)
    loop.set_exception_handler(None)


async def locks(loop):
    lock, event, queue, semaphore = asyncio.Lock(), asyncio.Event(), asyncio.Queue(1), asyncio.Semaphore(2)
    condition = asyncio.Condition()
    for thing in (lock, event, queue, semaphore, condition):
        show("made", thing, counts(thing), sorted(vars(thing)))
    async with lock:
        taker = loop.create_task(lock.acquire())
        await asyncio.sleep(0)
        show("held", lock, counts(lock), counts(taker), len(lock._waiters))
    await taker
    lock.release()
    putter = loop.create_task(queue.put(1))
    second = loop.create_task(queue.put(2))
    await asyncio.sleep(0)
    show("queue", queue, counts(queue), putter, second)
    show(await queue.get(), await queue.get(), queue)
    waiter = loop.create_task(event.wait())
    await asyncio.sleep(0)
    show("event", event, counts(event), counts(waiter))
    event.set()
    await waiter
    async with semaphore:
        show("semaphore", semaphore, counts(semaphore))
    for thing in (lock, event, queue, semaphore, condition):
        show("left", thing, counts(thing))
    try:
        lock.release()
    except RuntimeError:
        show(traceback.format_exc())


async def main():
    loop = asyncio.get_running_loop()
    loop.slow_callback_duration = 60
    show("main", stack(), loop, sorted(vars(loop)), loop.get_debug(), loop.get_task_factory())
    for part in (tasks, cancels, handles, locks):
        print("--", part.__name__)
        await part(loop)


for debug in (False, True):
    print("== debug", debug)
    asyncio.run(main(), debug=debug)

loop = asyncio.new_event_loop()
show("loop", counts(loop), loop)
show(loop.run_until_complete(asyncio.sleep(0, 1)))
show("loop", counts(loop), loop)
loop.close()
show("loop", counts(loop), loop)
dead = weakref.ref(loop)
del loop
gc.collect()
show("collected", dead() is None)
