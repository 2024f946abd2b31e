"""The done-callback of the main task closes the loop, one step too early."""
import asyncio


async def heartbeat():
    while True:
        await asyncio.sleep(0.01)


async def main():
    asyncio.current_task().add_done_callback(lambda task: loop.close())
    loop.beat = asyncio.create_task(heartbeat())
    loop.beat.set_name("beat")
    await asyncio.sleep(0.02)


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
print("finished")
