"""Generators are left by break and return, and are closed by hand, by shutdown_asyncgens() and by asyncio.run()."""
import asyncio

kept = []


async def rows(name):
    try:
        for n in range(100):
            yield n
    finally:
        await asyncio.sleep(0)
        print(name, "closed")


async def use(name):
    kept.append(rows(name))
    async for row in kept[-1]:
        return row


async def main():
    cursor = rows("by hand")
    async for row in cursor:
        break
    await cursor.aclose()
    await use("by run")


asyncio.run(main())
loop = asyncio.new_event_loop()
loop.run_until_complete(use("by shutdown"))
loop.run_until_complete(loop.shutdown_asyncgens())
loop.close()
