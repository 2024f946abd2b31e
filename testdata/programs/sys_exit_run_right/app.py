"""sys.exit() in a coroutine under asyncio.run() with a worker that is cancelled and ends: no fault."""
import asyncio
import sys


async def worker(queue):
    while True:
        await queue.get()


async def main():
    queue = asyncio.Queue()
    task = asyncio.create_task(worker(queue), name="worker")
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    sys.exit(5)


asyncio.run(main())
