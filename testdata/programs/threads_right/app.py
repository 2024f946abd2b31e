"""Threads and a loop that talk to each other as they should: threadsafe calls, executors, futures of both kinds."""
import asyncio
import concurrent.futures
import threading
import time


async def double(n):
    await asyncio.sleep(0.001)
    return 2 * n


def outside(loop, event, queue, future):
    print(asyncio.run_coroutine_threadsafe(double(4), loop).result())
    loop.call_soon_threadsafe(queue.put_nowait, "item")
    loop.call_soon_threadsafe(future.set_result, "result")
    loop.call_soon_threadsafe(event.set)


async def main():
    loop = asyncio.get_running_loop()
    event, queue, future = asyncio.Event(), asyncio.Queue(), loop.create_future()
    thread = threading.Thread(target=outside, args=(loop, event, queue, future))
    thread.start()
    await event.wait()
    print(await queue.get(), await future)
    await loop.run_in_executor(None, thread.join)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        print(await asyncio.gather(*[loop.run_in_executor(pool, pow, n, 2) for n in range(4)]))
        late = pool.submit(time.sleep, 0.01)
        await asyncio.wrap_future(late)
    process = await asyncio.create_subprocess_exec("true")
    print(await process.wait())


asyncio.run(main())
