"""A producer notifies without holding the condition's lock; the callback that it runs in fails."""
import asyncio


class Box:
    def __init__(self):
        self.filled = asyncio.Condition()
        self.item = None

    def put(self, item):
        self.item = item
        self.filled.notify()


async def main():
    box = Box()
    asyncio.get_running_loop().call_later(0.01, box.put, "x")
    async with box.filled:
        try:
            await asyncio.wait_for(box.filled.wait(), 0.1)
        except asyncio.TimeoutError:
            print("waited in vain for", box.item)


asyncio.run(main())
