"""Several callers await one task, some give up with a timeout behind shield(); its failure is seen by one of them."""
import asyncio


class Loader:
    def __init__(self):
        self.tasks = {}

    async def load(self, key):
        await asyncio.sleep(0.03)
        if key == "bad":
            raise KeyError(key)
        return key * 2

    def get(self, key):
        if key not in self.tasks:
            self.tasks[key] = asyncio.ensure_future(self.load(key))
        return asyncio.shield(self.tasks[key])


async def hurry(loader, key):
    try:
        return await asyncio.wait_for(loader.get(key), 0.01)
    except asyncio.TimeoutError:
        return "late"


async def wait(loader, key):
    try:
        return await loader.get(key)
    except KeyError:
        return "missing"


async def main():
    loader = Loader()
    print(await asyncio.gather(hurry(loader, "good"), wait(loader, "good"), hurry(loader, "bad"), wait(loader, "bad")))


asyncio.run(main())
