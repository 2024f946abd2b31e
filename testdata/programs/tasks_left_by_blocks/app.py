"""What a leak detector around each block would list: a plain sleep, a grandchild, a late finisher, and a blocked loop."""
import asyncio
import time


async def grandchild():
    await asyncio.sleep(10)


async def child():
    asyncio.ensure_future(grandchild())
    await asyncio.sleep(0.01)


async def late():
    await asyncio.sleep(0.1)


async def leaky_block():
    asyncio.ensure_future(child())
    asyncio.ensure_future(late())
    await asyncio.sleep(0.03)


async def blocking_block():
    time.sleep(0.01)
    await asyncio.sleep(0.15)


async def main():
    await leaky_block()
    await blocking_block()
    print("blocks left")


asyncio.run(main())
