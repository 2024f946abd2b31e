"""nest_asyncio: runs inside of a run, and a second run of the same loop."""
import asyncio

import nest_asyncio


async def inner(n):
    await asyncio.sleep(0.01)
    return n


async def side():
    await asyncio.sleep(0.02)


async def main():
    task = asyncio.create_task(side())
    print(asyncio.get_running_loop().run_until_complete(inner(1)))
    print(asyncio.run(inner(2)))
    await task


nest_asyncio.apply()
loop = asyncio.get_event_loop()
loop.run_until_complete(main())
print(asyncio.run(inner(3)))
loop.close()
