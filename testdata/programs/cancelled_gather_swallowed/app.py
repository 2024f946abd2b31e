"""A cancelled gather() is held up by its child, which does not let itself be cancelled."""
import asyncio


async def stubborn():
    asyncio.current_task().set_name("stubborn")
    while True:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            print("not now")


async def group():
    await asyncio.gather(stubborn())


async def main():
    task = asyncio.create_task(group(), name="group")
    await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task], timeout=0.02)


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
