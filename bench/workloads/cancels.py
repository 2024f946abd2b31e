"""300 sleeping tasks are cancelled and awaited, N times."""
import asyncio

import timed


async def nap():
    await asyncio.sleep(100)


async def main(rounds):
    for _ in range(rounds):
        tasks = [asyncio.ensure_future(nap()) for _ in range(300)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    timed.run(main)
