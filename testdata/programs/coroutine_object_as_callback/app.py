"""A coroutine object is given to call_soon(), which wants a function."""
import asyncio


async def warm(cache):
    cache["warm"] = True


async def main():
    cache = {}
    asyncio.get_running_loop().call_soon(warm(cache))
    await asyncio.sleep(0.02)
    print(cache)


asyncio.run(main())
