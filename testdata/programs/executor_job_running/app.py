"""The loop is closed while a task waits for a job in a thread pool of its own."""
import asyncio
import concurrent.futures
import time


async def render(loop, pool, page):
    return await loop.run_in_executor(pool, time.sleep, 0.2)


async def main(loop, pool):
    for page in ("cover", "index"):
        loop.create_task(render(loop, pool, page), name=page)
    await asyncio.sleep(0.02)


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main(loop, pool))
    loop.close()
print("end")
