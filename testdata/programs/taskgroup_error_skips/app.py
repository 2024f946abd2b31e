"""The error of a TaskGroup leaves the run; a task outside of the group is left."""
import asyncio


async def bg():
    await asyncio.Event().wait()


async def bad():
    raise ValueError


async def main():
    asyncio.get_running_loop().kept = asyncio.create_task(bg(), name="bg")
    async with asyncio.TaskGroup() as tg:
        tg.create_task(bad())
        tg.create_task(asyncio.sleep(10))


loop = asyncio.new_event_loop()
try:
    loop.run_until_complete(main())
except BaseException as exc:
    print(type(exc).__name__)
finally:
    loop.close()
