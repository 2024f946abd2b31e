"""Eager tasks: one ended in its first step, one waits, one was started inside another."""
import asyncio


async def quick():
    return 1


async def slow(event):
    await event.wait()


async def outer(event):
    asyncio.create_task(slow(event), name="inner")
    await event.wait()


async def main():
    event = asyncio.Event()
    asyncio.create_task(quick(), name="quick")
    asyncio.create_task(slow(event), name="slow")
    asyncio.create_task(outer(event), name="outer")


loop = asyncio.new_event_loop()
loop.set_task_factory(asyncio.eager_task_factory)
loop.run_until_complete(main())
loop.close()
