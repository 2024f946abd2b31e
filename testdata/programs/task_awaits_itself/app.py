"""A supervisor waits for all its tasks, itself among them."""
import asyncio

tasks = []


async def job():
    await asyncio.sleep(0)


async def supervise():
    for task in list(tasks):
        await task


async def main():
    tasks.append(asyncio.ensure_future(job()))
    tasks.append(asyncio.ensure_future(supervise()))
    done, _ = await asyncio.wait(tasks, timeout=1)
    print(sorted(type(t.exception()).__name__ for t in done))


asyncio.run(main())
