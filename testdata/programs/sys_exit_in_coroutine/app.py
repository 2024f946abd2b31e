"""sys.exit() in a coroutine leaves the run; the finally: only closes."""
import asyncio
import sys


async def tail():
    async for line in follow():
        print(line)


async def follow():
    while True:
        await asyncio.sleep(10)
        yield "line"


async def main():
    asyncio.create_task(tail(), name="tail")
    await asyncio.sleep(0.01)
    sys.exit(4)


loop = asyncio.new_event_loop()
try:
    loop.run_until_complete(main())
finally:
    loop.close()
