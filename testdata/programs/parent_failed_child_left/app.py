"""An import starts a progress task and fails; the failure is handled, the progress task goes on."""
import asyncio


async def progress():
    while True:
        await asyncio.sleep(0.02)


async def load(rows):
    asyncio.ensure_future(progress())
    await asyncio.sleep(0.01)
    return rows["missing"]


async def main():
    try:
        await asyncio.ensure_future(load({}))
    except KeyError:
        print("cannot load")
    await asyncio.sleep(0.2)


asyncio.run(main())
