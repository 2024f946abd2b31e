"""A run inside of a run leaves a task; the loop is closed with it."""
import asyncio

import nest_asyncio


async def nap():
    await asyncio.sleep(10)


async def inner():
    asyncio.create_task(nap(), name="left")
    await asyncio.sleep(0.01)


async def main():
    loop.run_until_complete(inner())
    await asyncio.sleep(0.01)


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
nest_asyncio.apply(loop)
loop.run_until_complete(main())
loop.close()
