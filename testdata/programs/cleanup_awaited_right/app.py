"""A worker whose finally: fails is cancelled and awaited by main(), which looks at how it ended."""
import asyncio


async def poll():
    try:
        while True:
            await asyncio.sleep(0.01)
    finally:
        raise OSError("connection is gone")


async def main():
    worker = asyncio.create_task(poll(), name="poller")
    await asyncio.sleep(0.03)
    worker.cancel()
    print(await asyncio.gather(worker, return_exceptions=True))


asyncio.run(main())
