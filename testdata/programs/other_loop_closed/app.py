"""A coroutine of one loop closes another, idle loop that has tasks."""
import asyncio


async def job():
    await asyncio.sleep(10)


async def main():
    asyncio.current_task().set_name("main")
    other = asyncio.new_event_loop()
    t = other.create_task(job(), name="job")
    other.close()
    return t


asyncio.run(main())
