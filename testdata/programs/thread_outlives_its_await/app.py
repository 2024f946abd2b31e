"""A background task polls in a thread; asyncio.run() cancels the task, and then waits for the thread."""
import asyncio
import functools
import time


def poll(seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(0.02)


async def watch():
    loop = asyncio.get_running_loop()
    while True:
        await loop.run_in_executor(None, functools.partial(poll, seconds=1.3))


async def main():
    watcher = asyncio.create_task(watch(), name="watcher")
    await asyncio.sleep(0.05)
    watcher.cancel()
    print("main done")


asyncio.run(main())
