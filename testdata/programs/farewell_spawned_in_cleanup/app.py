"""asyncio.run() cancels the session, whose finally: spawns a farewell that nobody waits for any more."""
import asyncio


async def farewell():
    await asyncio.sleep(0.5)
    print("farewell sent")


async def session():
    try:
        await asyncio.sleep(10)
    finally:
        asyncio.ensure_future(farewell())


async def main():
    asyncio.ensure_future(session())
    await asyncio.sleep(0.02)


asyncio.run(main())
