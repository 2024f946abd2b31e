"""Worker processes, forked in a running loop, run loops of their own while the parent's loop goes on. Nothing is wrong."""
import asyncio
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor


async def leaf(n):
    await asyncio.sleep(0.01)
    return n


async def in_worker(n):
    await asyncio.sleep(0.01)
    return sum(await asyncio.gather(leaf(n), leaf(n)))


def job(n):
    return asyncio.run(in_worker(n))


async def ticks():
    for _ in range(20):
        await asyncio.sleep(0.005)


async def main():
    loop = asyncio.get_running_loop()
    beside = asyncio.create_task(ticks())
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        print(await asyncio.gather(*[loop.run_in_executor(pool, job, n) for n in range(4)]))
    await beside
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    print(os.waitpid(pid, 0)[1])


asyncio.run(main())
