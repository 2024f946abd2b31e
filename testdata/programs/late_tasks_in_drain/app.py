"""Cancelled tasks start a last report each in finally:, after the drain has looked."""
import asyncio


async def report(name):
    await asyncio.sleep(5)


async def session(name):
    try:
        await asyncio.sleep(10)
    finally:
        asyncio.create_task(report(name), name="report-" + name)


async def main():
    for name in ("x", "y"):
        asyncio.create_task(session(name), name=name)
    await asyncio.sleep(0.01)


def drain_and_close(loop):
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.wait(tasks))
    loop.close()


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
drain_and_close(loop)
