"""contextlib.closing() closes the loop, but ends none of its tasks."""
import asyncio
import contextlib


async def refresh(period):
    while True:
        await asyncio.sleep(period)


async def start_refreshers():
    asyncio.create_task(refresh(20), name="prices")
    asyncio.create_task(refresh(30), name="stock")


async def main():
    await asyncio.create_task(start_refreshers(), name="starter")
    print("ready")


def serve():
    with contextlib.closing(asyncio.new_event_loop()) as loop:
        loop.run_until_complete(main())


serve()
