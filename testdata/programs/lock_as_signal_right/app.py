"""A throttle uses a lock as a wake-up: it waits for the lock it took, for a while at most, and a producer releases it."""
import asyncio


class Throttle:
    def __init__(self):
        self.wake = asyncio.Lock()
        self.rounds = []

    async def run(self, rounds):
        await self.wake.acquire()
        for _ in range(rounds):
            try:
                await asyncio.wait_for(self.wake.acquire(), 0.3)
                self.rounds.append("woken")
            except asyncio.TimeoutError:
                self.rounds.append("idle")

    def kick(self):
        if self.wake.locked():
            self.wake.release()


async def main():
    throttle = Throttle()
    running = asyncio.create_task(throttle.run(3), name="throttle")
    await asyncio.sleep(0.1)
    throttle.kick()
    await running
    print(throttle.rounds)


asyncio.run(main())
