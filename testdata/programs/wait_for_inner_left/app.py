"""The loop is closed while wait_for() and timeout-less gather() chains are in the middle."""
import asyncio


async def read():
    await asyncio.sleep(10)


async def guarded():
    await asyncio.wait_for(loop.create_task(read(), name="read"), 20)


async def both():
    await asyncio.gather(guarded_task(), asyncio.sleep(10))


def guarded_task():
    return loop.create_task(guarded(), name="guarded")


async def main():
    asyncio.ensure_future(both()).set_name("both")
    await asyncio.sleep(0.02)
    for task in asyncio.all_tasks():
        if task.get_coro().__name__ == "sleep":
            task.set_name("sleeper")


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
