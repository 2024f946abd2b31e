"""Tasks fail in many ways, and each time somebody asks for the exception, early or late."""
import asyncio

kept = []


async def fail(n):
    await asyncio.sleep(0)
    raise ValueError(n)


def look(task):
    if not task.cancelled() and task.exception() is not None:
        print("failed:", task.exception())


async def main():
    task = asyncio.create_task(fail(1))
    task.add_done_callback(look)
    kept.append(task)
    print(await asyncio.gather(fail(2), fail(3), return_exceptions=True))
    try:
        await asyncio.wait_for(fail(4), 1)
    except ValueError as exc:
        print("caught", exc)
    done, _ = await asyncio.wait([asyncio.ensure_future(fail(5))])
    print([type(task.exception()).__name__ for task in done])
    kept.extend(done)
    try:
        await asyncio.gather(fail(6), fail(7))
    except ValueError as exc:
        print("caught", exc)
    await asyncio.sleep(0.02)


asyncio.run(main())
