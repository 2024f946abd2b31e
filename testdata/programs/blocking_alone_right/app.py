"""A script of one coroutine computes and sleeps as scripts do: there is nobody whom that could keep waiting."""
import asyncio
import time


async def main():
    total = sum(i * i for i in range(2_000_000))
    time.sleep(0.4)
    await asyncio.sleep(0.01)
    print(total > 0)


asyncio.run(main())
