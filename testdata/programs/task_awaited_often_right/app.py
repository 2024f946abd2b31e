"""What may be awaited more than once is a task or a future; plain values are awaited by nobody."""
import asyncio
import inspect


async def load():
    await asyncio.sleep(0)
    return 5


async def maybe(value):
    return await value if inspect.isawaitable(value) else value


async def main():
    task = asyncio.ensure_future(load())
    print(await task + await task, await asyncio.gather(maybe(1), maybe(load()), maybe(task)))


asyncio.run(main())
