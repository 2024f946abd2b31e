"""TaskGroup, timeout(), Runner and Barrier, used as they are meant."""
import asyncio


async def fetch(n, barrier):
    async with asyncio.timeout(1):
        await barrier.wait()
    return n


async def failing():
    await asyncio.sleep(0.001)
    raise ValueError("one of the group")


async def main():
    barrier = asyncio.Barrier(3)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(fetch(n, barrier)) for n in range(3)]
    print(sum(t.result() for t in tasks))
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(failing())
            group.create_task(asyncio.sleep(10))
    except BaseException as exc:
        print(len(exc.exceptions))
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(10)
    except TimeoutError:
        print("timeout")


with asyncio.Runner() as runner:
    runner.run(main())
    runner.run(asyncio.sleep(0))
