"""An atexit handler closes the loop of a module, with its watcher still waiting."""
import asyncio
import atexit

loop = asyncio.new_event_loop()


@atexit.register
def cleanup():
    loop.close()


async def watch(path):
    while True:
        await asyncio.sleep(1)


async def start():
    loop.watcher = loop.create_task(watch("/etc"), name="watcher")
    await asyncio.sleep(0.01)


loop.run_until_complete(start())
print("work done")
