"""A worker process forked under a running loop spawns its task on the loop it was given: the task never runs."""
import asyncio
import multiprocessing
import time


async def report():
    print("never printed")


def worker(loop):
    task = loop.create_task(report())
    time.sleep(0.05)
    print("worker leaves, done:", task.done(), flush=True)


async def main():
    loop = asyncio.get_running_loop()
    process = multiprocessing.get_context("fork").Process(target=worker, args=(loop,))
    process.start()
    while process.is_alive():
        await asyncio.sleep(0.01)


asyncio.run(main())
