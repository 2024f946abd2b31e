"""Tasks that take their time after a cancel(), each in a way that is all right."""
import asyncio
import contextlib


async def flusher(log):
    try:
        await asyncio.sleep(10)
    finally:
        for n in range(4):
            await asyncio.sleep(0.02)
        log.append("flushed")


async def reporter(log):
    try:
        while True:
            await asyncio.sleep(0.01)
    except asyncio.CancelledError:
        pass
    await asyncio.sleep(0.02)
    log.append("reported")


async def poller():
    while True:
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 0.01)
        except asyncio.TimeoutError:
            pass


async def parent():
    child = asyncio.ensure_future(asyncio.sleep(10))
    for _ in range(3):
        await asyncio.sleep(0.01)
    child.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await child
    await asyncio.sleep(10)


async def atomic():
    cancelled = False
    work = asyncio.ensure_future(asyncio.sleep(0.15))
    while not work.done():
        try:
            await asyncio.wait([work])
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError


async def main():
    log = []
    tasks = [asyncio.ensure_future(c) for c in (flusher(log), reporter(log), poller(), parent(), atomic())]
    await asyncio.sleep(0.1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(sorted(log))


asyncio.run(main())
