"""timeout(), TaskGroup and uncancel() withdraw their cancellations: to wait at the same line again is all right."""
import asyncio


async def poller(log):
    while True:
        try:
            async with asyncio.timeout(0.02):
                await asyncio.sleep(10)
        except TimeoutError:
            log.append("timeout")


async def deaf():
    for n in range(4):
        try:
            await asyncio.sleep(0.04)
        except asyncio.CancelledError:
            asyncio.current_task().uncancel()


async def failing():
    await asyncio.sleep(0.02)
    raise ValueError


async def groups():
    while True:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(failing())
                await asyncio.sleep(10)
        except BaseException as exc:
            if not isinstance(exc, Exception):
                raise


async def main():
    log = []
    polling, running = asyncio.create_task(poller(log)), asyncio.create_task(groups())
    skipping = asyncio.create_task(deaf())
    await asyncio.sleep(0.1)
    skipping.cancel()
    await skipping
    for task in (polling, running):
        task.cancel()
    await asyncio.wait([polling, running])
    print(len(log) > 1, polling.cancelled(), running.cancelled())


asyncio.run(main())
