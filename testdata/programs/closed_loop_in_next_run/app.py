"""A cache keeps the loop of the first asyncio.run() and makes its tasks there in the second."""
import asyncio


class Cache:
    loop = None

    async def get(self, key):
        if self.loop is None:
            self.loop = asyncio.get_running_loop()
        return await self.loop.create_task(self.load(key))

    async def load(self, key):
        await asyncio.sleep(0)
        return key.upper()


async def main(key):
    print(await cache.get(key))


cache = Cache()
asyncio.run(main("a"))
asyncio.run(main("b"))
