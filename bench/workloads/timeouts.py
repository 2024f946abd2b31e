"""wait_for() runs into its time-out, 100 times N."""
import asyncio

import timed


async def main(rounds):
    for _ in range(rounds * 100):
        try:
            await asyncio.wait_for(asyncio.sleep(100), 1e-7)
        except asyncio.TimeoutError:
            pass


if __name__ == "__main__":
    timed.run(main)
