"""Philosophers try for the second fork with a limit, put the first one back and try again later."""
import asyncio
import random


class Philosopher:
    def __init__(self, number, forks):
        self.first, self.second = forks[number], forks[(number + 1) % len(forks)]
        self.meals, self.tries = 0, 0

    async def dine(self, meals):
        while self.meals < meals:
            self.tries += 1
            async with self.first:
                await asyncio.sleep(0.01)
                try:
                    await asyncio.wait_for(self.second.acquire(), 0.15)
                except asyncio.TimeoutError:
                    pass
                else:
                    self.meals += 1
                    self.second.release()
            await asyncio.sleep(random.random() / 20)


async def main():
    forks = [asyncio.Lock() for _ in range(4)]
    guests = [Philosopher(n, forks) for n in range(4)]
    await asyncio.gather(*(guest.dine(2) for guest in guests))
    print([guest.meals for guest in guests], any(guest.tries > 2 for guest in guests))


asyncio.run(main())
