"""A reconnect loop takes its cancellation for a lost connection and goes on."""
import asyncio


async def connection():
    await asyncio.sleep(10)


async def reconnecting():
    while True:
        try:
            await connection()
        except asyncio.CancelledError:
            print("connection lost, again")


async def idle():
    await asyncio.sleep(10)


async def main():
    tasks = [asyncio.create_task(reconnecting(), name="link")]
    tasks.append(asyncio.create_task(idle(), name="idle"))
    await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=0.05)


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
