"""A coroutine function is given to call_later(): the loop calls it and throws the coroutine away."""
import asyncio


async def expire(cache):
    await asyncio.sleep(0)
    cache.clear()


async def main():
    cache = {"a": 1}
    asyncio.get_running_loop().call_later(0.01, expire, cache)
    await asyncio.sleep(0.05)
    print(cache)


asyncio.run(main())
