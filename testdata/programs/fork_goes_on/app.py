"""fork() in a coroutine: the child leaves by sys.exit(), through the clean-up of its parent's asyncio.run()."""
import asyncio
import os
import sys


async def tick():
    try:
        while True:
            await asyncio.sleep(0.02)
    finally:
        print("tick cleaned up", flush=True)


async def main():
    ticker = asyncio.create_task(tick(), name="ticker")
    await asyncio.sleep(0.01)
    pid = os.fork()
    if pid == 0:
        sys.exit(3)
    await asyncio.sleep(0.3)
    print("child", os.waitpid(pid, 0)[1] >> 8)
    ticker.cancel()
    await asyncio.wait([ticker])


asyncio.run(main())
