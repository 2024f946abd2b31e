"""Two hundred tasks from one list comprehension, named afterwards."""
import asyncio


async def poll(n):
    await asyncio.sleep(30 + n)


async def main():
    tasks = [asyncio.ensure_future(poll(n)) for n in range(200)]
    await asyncio.sleep(0.02)
    for n, task in enumerate(tasks):
        task.set_name("poll-%03d" % n)


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
