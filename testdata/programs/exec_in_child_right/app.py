"""A child forked under a running loop replaces itself, as a launcher does."""
import asyncio
import os
import sys


async def main():
    beat = asyncio.create_task(asyncio.sleep(10))
    await asyncio.sleep(0)
    pid = os.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-S", "-c", "print('child')"])
    loop = asyncio.get_running_loop()
    print((await loop.run_in_executor(None, os.waitpid, pid, 0))[1])
    beat.cancel()
    await asyncio.wait([beat])


asyncio.run(main())
