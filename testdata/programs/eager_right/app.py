"""Eager tasks that end in their first step, later, and in a TaskGroup."""
import asyncio


async def quick(n):
    return n


async def slow(n):
    await asyncio.sleep(0.002)
    return n


async def main():
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    print(await asyncio.gather(quick(1), slow(2), asyncio.create_task(slow(3))))
    async with asyncio.TaskGroup() as group:
        group.create_task(quick(4))
        group.create_task(slow(5))


asyncio.run(main())
