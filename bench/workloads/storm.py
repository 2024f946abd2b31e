"""Task storm: gather of 1000 tasks that end in their first step, N times."""
import asyncio

import timed


async def nothing():
    pass


async def main(rounds):
    for _ in range(rounds):
        await asyncio.gather(*[nothing() for _ in range(1000)])


if __name__ == "__main__":
    timed.run(main)
