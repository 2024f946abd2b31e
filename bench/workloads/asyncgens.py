"""An async generator of one value is made and run through, 1000 times N."""

import timed


async def one():
    yield 1


async def main(rounds):
    for _ in range(rounds * 1000):
        async for _ in one():
            pass


if __name__ == "__main__":
    timed.run(main)
