"""A done callback fails; the program's exception handler drops the message, and the counter is never raised."""
import asyncio

totals = {}


async def fetch(n):
    await asyncio.sleep(0)
    return {"size": n}


def count(task):
    totals["sum"] += task.result()["size"]


async def main():
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    task = asyncio.create_task(fetch(3))
    task.add_done_callback(count)
    await task
    await asyncio.sleep(0.01)
    print(totals)


asyncio.run(main())
