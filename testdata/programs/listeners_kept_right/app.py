"""Tasks that nobody keeps survive the collector because what they wait for is kept by the loop."""
import asyncio
import gc


async def tick(n):
    await asyncio.sleep(0.02)
    print("tick", n)


async def main():
    for n in range(3):
        asyncio.ensure_future(tick(n))
    await asyncio.sleep(0)
    gc.collect()
    await asyncio.sleep(0.1)


asyncio.run(main())
