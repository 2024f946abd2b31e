"""Locks, conditions, semaphores, queues and their timeouts, each given back once, and only if it was got."""
import asyncio


async def worker(queue, results):
    while True:
        item = await queue.get()
        try:
            results.append(1 // item)
        except ZeroDivisionError:
            results.append(None)
        finally:
            queue.task_done()


async def hold(lock):
    async with lock:
        await asyncio.sleep(0.05)


async def main():
    lock, queue, results = asyncio.Lock(), asyncio.Queue(), []
    holder = asyncio.ensure_future(hold(lock))
    await asyncio.sleep(0)
    got = False
    try:
        got = await asyncio.wait_for(lock.acquire(), 0.01)
    except asyncio.TimeoutError:
        pass
    if got:
        lock.release()
    await holder
    if lock.locked():
        lock.release()
    task = asyncio.ensure_future(worker(queue, results))
    for n in 0, 1, 2:
        queue.put_nowait(n)
    await queue.join()
    task.cancel()
    await asyncio.wait([task])
    condition = asyncio.Condition()
    async with condition:
        condition.notify_all()
    limit = asyncio.BoundedSemaphore(1)
    async with limit:
        try:
            queue.get_nowait()
        except asyncio.QueueEmpty:
            print(results)


asyncio.run(main())
