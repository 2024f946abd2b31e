"""sys.exit() with the loop open and a task in the middle."""
import asyncio
import sys


async def bg():
    await asyncio.sleep(10)


async def main():
    main.t = asyncio.create_task(bg(), name="bg")
    await asyncio.sleep(0.01)


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
sys.exit(2)
