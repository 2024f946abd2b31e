"""nest_asyncio is applied while the loop runs, as in a notebook."""
import asyncio

import nest_asyncio


async def inner(n):
    await asyncio.sleep(0.01)
    return n


async def main():
    nest_asyncio.apply()
    loop = asyncio.get_running_loop()
    print(loop.run_until_complete(inner(1)), loop.run_until_complete(inner(2)))
    print(await asyncio.create_task(inner(3)))


asyncio.run(main())
