"""Runner.close() in a coroutine cancels everything first, its caller too, and then is refused."""
import asyncio


async def bg():
    await asyncio.sleep(10)


async def main():
    asyncio.create_task(bg(), name="bg")
    await asyncio.sleep(0)
    try:
        runner.close()
    except RuntimeError as exc:
        print(exc)


runner = asyncio.Runner()
try:
    runner.run(main())
except asyncio.CancelledError:
    print("cancelled")
runner.close()
