"""The error that left the run was handled by the time the loop is closed."""
import asyncio


async def bg():
    await asyncio.sleep(10)


async def main():
    asyncio.create_task(bg(), name="bg")
    await asyncio.sleep(0.01)
    raise ValueError("bad")


def run(loop):
    try:
        loop.run_until_complete(main())
    except ValueError as exc:
        print("failed", exc)


loop = asyncio.new_event_loop()
run(loop)
loop.close()
