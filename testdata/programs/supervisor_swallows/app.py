"""The supervisor takes its own cancellation for the death of its worker and starts another one."""
import asyncio


async def work():
    await asyncio.sleep(0.3)


async def supervise():
    for _ in range(4):
        worker = asyncio.ensure_future(work())
        try:
            await worker
        except asyncio.CancelledError:
            print("worker died, again")


async def main():
    asyncio.ensure_future(supervise())
    await asyncio.sleep(0.05)
    print("main done")


asyncio.run(main())
