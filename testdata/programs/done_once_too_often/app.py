"""A worker calls task_done() in its finally: also when it got nothing; the count runs out and the worker dies."""
import asyncio


async def worker(queue):
    while True:
        try:
            item = await asyncio.wait_for(queue.get(), 0.02)
            print(item)
        except asyncio.TimeoutError:
            print("nothing")
        finally:
            queue.task_done()


async def main():
    queue = asyncio.Queue()
    queue.put_nowait("a")
    task = asyncio.ensure_future(worker(queue))
    await asyncio.wait([task], timeout=1)
    print(repr(task.exception()))


asyncio.run(main())
