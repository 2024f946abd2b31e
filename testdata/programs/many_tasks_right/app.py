"""Many tasks, and none of them leaks: a pool, a big gather(), jobs that end late, sessions that the end cancels."""
import asyncio


async def work(queue):
    while True:
        await queue.get()
        queue.task_done()


async def job(n):
    await asyncio.sleep(0.2 + n / 1000)
    return n


async def session(done):
    await done.wait()


async def main():
    queue, done = asyncio.Queue(), asyncio.Event()
    pool = [asyncio.ensure_future(work(queue)) for _ in range(30)]
    late, sessions = [], []
    for n in range(60):
        queue.put_nowait(n)
        late.append(asyncio.ensure_future(job(n)))
        sessions.append(asyncio.ensure_future(session(done)))
        await asyncio.sleep(0.002)
    print(sum(await asyncio.gather(*[job(n % 10) for n in range(3000)])))
    print(sum(await asyncio.gather(*late)))
    await queue.join()
    done.set()
    await asyncio.gather(*sessions)
    for task in pool:
        task.cancel()
    await asyncio.gather(*pool, return_exceptions=True)


asyncio.run(main())
