"""Ends with an exception whose words are the program's; a value in them must not be recorded."""
import asyncio


async def main():
    asyncio.create_task(asyncio.sleep(10), name="left")
    raise RuntimeError("event loop of customer Q4711Z")


asyncio.run(main())
