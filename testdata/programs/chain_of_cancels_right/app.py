"""Each parent cancels its child when it is cancelled itself, and the watchdog cancels the first."""
import asyncio


async def level(depth):
    child = asyncio.ensure_future(level(depth - 1)) if depth else None
    try:
        await asyncio.sleep(10)
    finally:
        if child is not None:
            child.cancel()
            await asyncio.wait([child])


async def watchdog(task):
    await asyncio.sleep(0.03)
    task.cancel()
    await asyncio.wait([task])


async def main():
    task = asyncio.ensure_future(level(3))
    await asyncio.ensure_future(watchdog(task))
    print(task.cancelled())


asyncio.run(main())
