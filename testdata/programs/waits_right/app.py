"""Locks, queues, events and conditions that tasks wait in for long, and that somebody else serves in the end."""
import asyncio


async def in_order(a, b, done):
    async with a:
        await asyncio.sleep(0.03)
        async with b:
            await asyncio.sleep(0.03)
    done.append(1)


async def latch():
    gate = asyncio.Lock()
    await gate.acquire()
    asyncio.get_running_loop().call_later(0.1, gate.release)
    await gate.acquire()  # until the timer has released it


async def signalled():
    ready = asyncio.Semaphore(0)
    asyncio.get_running_loop().call_later(0.1, ready.release)
    async with ready:
        asyncio.get_running_loop().call_later(0.1, ready.release)
        async with ready:
            pass


async def conversation():
    asked, answered = asyncio.Event(), asyncio.Event()

    async def server():
        await asked.wait()
        await asyncio.sleep(0.05)
        answered.set()

    task = asyncio.ensure_future(server())
    await asyncio.sleep(0.05)
    asked.set()
    await answered.wait()
    await task


async def notified():
    condition, items = asyncio.Condition(), []

    async def consumer():
        async with condition:
            await condition.wait_for(lambda: items)

    task = asyncio.ensure_future(consumer())
    await asyncio.sleep(0.1)
    async with condition:
        items.append(1)
        await asyncio.sleep(0.05)
        condition.notify_all()
    await task


async def queued():
    queue = asyncio.Queue(1)

    async def worker():
        while await queue.get() is not None:
            await asyncio.sleep(0.05)
            queue.task_done()
        queue.task_done()

    task = asyncio.ensure_future(worker())
    for item in (1, 2, None):
        await queue.put(item)
    await queue.join()
    await task


async def backing_off():
    lock = asyncio.Lock()

    async def holder():
        async with lock:
            await asyncio.sleep(0.15)

    task = asyncio.ensure_future(holder())
    await asyncio.sleep(0)
    try:
        await asyncio.wait_for(lock.acquire(), 0.05)
    except asyncio.TimeoutError:
        pass
    await task


async def main():
    a, b, done = asyncio.Lock(), asyncio.Lock(), []
    await asyncio.gather(*[in_order(a, b, done) for _ in range(4)])
    await latch()
    await signalled()
    await conversation()
    await notified()
    await queued()
    await backing_off()
    print("done", len(done))


asyncio.run(main())
