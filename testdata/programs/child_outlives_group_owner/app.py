"""A TaskGroup is entered by hand and never left; its child fails when the task that owned the group is gone."""
import asyncio


async def child():
    await asyncio.sleep(0.02)
    raise OSError("disk full")


async def owner(group):
    await group.__aenter__()
    group.create_task(child())


async def main():
    group = asyncio.TaskGroup()
    await asyncio.create_task(owner(group))
    await asyncio.sleep(0.05)


asyncio.run(main())
