"""run_in_executor() of a function that does nothing, 100 times N."""
import asyncio

import timed


def job():
    pass


async def main(rounds):
    loop = asyncio.get_running_loop()
    for _ in range(rounds * 100):
        await loop.run_in_executor(None, job)


if __name__ == "__main__":
    timed.run(main)
