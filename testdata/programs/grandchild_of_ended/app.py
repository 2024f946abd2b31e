"""The parents of the live tasks have ended, were renamed or cancelled."""
import asyncio


async def leaf(event):
    await event.wait()


async def middle(event, n):
    asyncio.create_task(leaf(event), name="leaf-%d" % n)
    asyncio.current_task().set_name("middle-%d" % n)
    if n:
        await asyncio.sleep(10)


async def main():
    event = asyncio.Event()
    tasks = [loop.create_task(middle(event, 0)), loop.create_task(middle(event, 1))]
    await asyncio.sleep(0.01)
    tasks[1].cancel()
    await asyncio.wait(tasks)


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
