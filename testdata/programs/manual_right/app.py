"""Manual loops, one after the other, each drained; the second one after an error."""
import asyncio
import contextlib


async def background():
    try:
        await asyncio.sleep(10)
    finally:
        asyncio.get_running_loop().create_task(last_words())


async def last_words():
    await asyncio.sleep(0.001)


async def main(fail):
    asyncio.get_running_loop().create_task(background())
    await asyncio.sleep(0.005)
    if fail:
        raise ValueError("as planned")


def drain(loop):
    while True:
        tasks = asyncio.all_tasks(loop)
        if not tasks:
            break
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.wait(tasks))
    loop.run_until_complete(loop.shutdown_asyncgens())


for fail in (False, True):
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        try:
            loop.run_until_complete(main(fail))
        except ValueError as exc:
            print(exc)
        finally:
            drain(loop)
print("all closed")
