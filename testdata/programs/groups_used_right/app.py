"""Groups that get work from their own tasks until they end, and one that fails."""
import asyncio


async def leaf(n):
    await asyncio.sleep(0)


async def branch(group, n):
    await asyncio.sleep(0.001)
    if n:
        group.create_task(branch(group, n - 1))
        group.create_task(leaf(n))


async def fails():
    await asyncio.sleep(0.001)
    raise ValueError("expected")


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(branch(group, 3))
    print("grown")
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
            group.create_task(asyncio.sleep(10))
    except ExceptionGroup as exc:
        print(exc.exceptions)
    async with asyncio.timeout(10) as limit:
        limit.reschedule(None)
        await asyncio.sleep(0)
    try:
        async with asyncio.timeout(0.001):
            await asyncio.sleep(10)
    except TimeoutError:
        print("late")


asyncio.run(main())
