"""asyncio.run() on uvloop cancels a background task that nobody awaited."""
import asyncio

import uvloop


async def poll():
    while True:
        await asyncio.sleep(1)


async def main():
    asyncio.create_task(poll(), name="poll")
    await asyncio.sleep(0.01)


asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
asyncio.run(main())
