"""Three requests are gathered to run at the same time, and wait for each other because each of them blocks."""
import asyncio
import time


async def request(number):
    time.sleep(0.3)
    return number


async def main():
    began = time.monotonic()
    print(await asyncio.gather(*(request(n) for n in range(3))))
    print("one after the other:", time.monotonic() - began > 0.85)


asyncio.run(main())
