"""An Event is made, set and awaited, 1000 times N."""
import asyncio

import timed


async def main(rounds):
    for _ in range(rounds * 1000):
        event = asyncio.Event()
        event.set()
        await event.wait()


if __name__ == "__main__":
    timed.run(main)
