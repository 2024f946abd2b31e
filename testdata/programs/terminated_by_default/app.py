"""SIGTERM without a handler, from a callback, after two rounds of work."""
import asyncio
import os
import signal


async def crawl(n, lock):
    async with lock:
        await asyncio.sleep(5)


async def main():
    lock = asyncio.Lock()
    tasks = []
    for n in range(2):
        tasks.append(asyncio.create_task(crawl(n, lock), name="crawl-%d" % n))
    asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGTERM)
    await asyncio.wait(tasks)


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
