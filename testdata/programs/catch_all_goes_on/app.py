"""A catch-all around the first stage of a job loses its cancellation, and the job goes on with the second, for a second."""
import asyncio


async def job():
    try:
        await asyncio.sleep(10)
    except BaseException:
        print("first stage failed")
    await asyncio.sleep(1)
    print("second stage done")


async def main():
    task = asyncio.ensure_future(job())
    await asyncio.sleep(0.03)
    task.cancel()
    await task


asyncio.run(main())
