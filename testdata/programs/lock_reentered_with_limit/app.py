"""A ledger takes its lock again in a helper, with a timeout that turns the hang into an error."""
import asyncio


class Ledger:
    def __init__(self):
        self.lock = asyncio.Lock()
        self.entries = []

    async def add(self, entry):
        async with self.lock:
            self.entries.append(entry)
            await self.balance()

    async def balance(self):
        await asyncio.wait_for(self.lock.acquire(), 0.4)
        try:
            return sum(self.entries)
        finally:
            self.lock.release()


async def main():
    ledger = Ledger()
    try:
        await ledger.add(5)
    except asyncio.TimeoutError:
        print("no balance")


asyncio.run(main())
