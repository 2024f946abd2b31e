"""One Timeout object serves two requests: the second async with is refused."""
import asyncio


class Session:
    def __init__(self, limit):
        self.limit = asyncio.timeout(limit)

    async def get(self, n):
        async with self.limit:
            await asyncio.sleep(0)
            return n


async def main():
    session = Session(1)
    print(await session.get(1))
    print(await session.get(2))


asyncio.run(main())
