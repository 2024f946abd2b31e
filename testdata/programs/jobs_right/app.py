"""Jobs in threads whose results all arrive, or are given up and end soon."""
import asyncio
import concurrent.futures
import sys
import threading
import time

stop = threading.Event()


def until_stopped():
    stop.wait(5)
    return "stopped"


async def main(loop, pool):
    print(await asyncio.gather(*(loop.run_in_executor(pool, len, word) for word in ("a", "bb", "ccc"))))
    try:
        await asyncio.wait_for(loop.run_in_executor(None, until_stopped), 0.02)
    except asyncio.TimeoutError:
        stop.set()
    # Started without being awaited here, and awaited in the end.
    job = loop.run_in_executor(None, time.sleep, 0.1)
    queued = [loop.run_in_executor(pool, time.sleep, 0.01) for _ in range(4)]
    await asyncio.sleep(0.01)
    await asyncio.wait([job, *queued])


loop = asyncio.new_event_loop()
with concurrent.futures.ThreadPoolExecutor(1) as pool:
    try:
        loop.run_until_complete(main(loop, pool))
        if sys.version_info >= (3, 9):
            late = loop.run_in_executor(None, time.sleep, 0.1)
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.run_until_complete(late)
    finally:
        loop.close()
# A job that is nobody's but the pool's: the program waits for it on purpose.
with concurrent.futures.ThreadPoolExecutor(1) as pool:
    pool.submit(time.sleep, 0.7)
print("end")
