"""A method that holds the lock of its object calls another one that takes it again."""
import asyncio


class Cache:
    def __init__(self):
        self.lock = asyncio.Lock()
        self.items = {}

    async def update(self, items):
        async with self.lock:
            for key in items:
                await self.put(key)

    async def put(self, key):
        async with self.lock:
            self.items[key] = True


async def main():
    cache = Cache()
    task = asyncio.create_task(cache.update(["a", "b"]), name="update")
    done, pending = await asyncio.wait([task], timeout=0.3)
    print("done:", len(done), "pending:", len(pending))


asyncio.run(main())
