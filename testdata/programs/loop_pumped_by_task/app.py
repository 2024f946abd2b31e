"""A task pumps its own loop by hand: the step of another task is refused, and that task never goes on."""
import asyncio


async def download():
    await asyncio.sleep(0.01)
    print("never printed")


def pump(loop, times):
    # Each time takes 5 ms at least.
    for _ in range(times):
        loop.call_later(0.005, str)
        loop._run_once()


async def main():
    task = asyncio.create_task(download(), name="download")
    await asyncio.sleep(0)
    pump(asyncio.get_running_loop(), 20)
    print("done:", task.done())


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
