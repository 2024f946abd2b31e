"""An uncontended `async with lock` that protects nothing, 2000 times N."""
import asyncio

import timed


async def main(rounds):
    lock = asyncio.Lock()
    for _ in range(rounds * 2000):
        async with lock:
            pass


if __name__ == "__main__":
    timed.run(main)
