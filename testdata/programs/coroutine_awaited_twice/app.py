"""One coroutine object is kept and awaited for every caller; the second await fails."""
import asyncio


class Config:
    def __init__(self):
        self.loaded = self.load()

    async def load(self):
        await asyncio.sleep(0)
        return {"debug": False}

    async def get(self, key):
        return (await self.loaded)[key]


async def main():
    config = Config()
    print(await config.get("debug"))
    try:
        await asyncio.ensure_future(config.get("debug"))
    except RuntimeError as exc:
        print(exc)


asyncio.run(main())
