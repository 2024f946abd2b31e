"""A task beside anyio's task group is cut short by anyio.run()."""
import asyncio

import anyio


async def heartbeat():
    while True:
        await anyio.sleep(1)


async def work():
    await anyio.sleep(0.01)


async def main():
    asyncio.create_task(heartbeat(), name="heartbeat")
    async with anyio.create_task_group() as group:
        group.start_soon(work)
        group.start_soon(work)


anyio.run(main)
