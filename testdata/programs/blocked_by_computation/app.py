"""A long sum in one coroutine keeps the heartbeat of another one waiting."""
import asyncio


async def heartbeat():
    while True:
        await asyncio.sleep(0.05)


async def total(count):
    return sum(i * i % 7 for i in range(count))


async def main():
    beat = asyncio.create_task(heartbeat(), name="heartbeat")
    await asyncio.sleep(0.1)
    print(await asyncio.create_task(total(20_000_000), name="total") > 0)
    beat.cancel()
    await asyncio.wait([beat])


asyncio.run(main())
