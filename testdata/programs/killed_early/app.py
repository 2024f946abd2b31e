"""SIGKILL a few milliseconds after the start."""
import asyncio
import os
import signal


async def child():
    await asyncio.sleep(5)


async def main():
    task = asyncio.create_task(child(), name="child")
    await asyncio.sleep(0)
    os.kill(os.getpid(), signal.SIGKILL)
    await task


asyncio.run(main())
