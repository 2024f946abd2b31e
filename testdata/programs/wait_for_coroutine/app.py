"""wait_for() of a coroutine: up to 3.11 it runs in a task of its own."""
import asyncio


async def slow():
    await asyncio.sleep(10)


async def guarded():
    await asyncio.wait_for(slow(), 30)


async def main():
    asyncio.create_task(guarded(), name="guarded")
    await asyncio.sleep(0.01)
    for t in asyncio.all_tasks():
        if t.get_coro().__name__ == "slow":
            t.set_name("inner")


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
