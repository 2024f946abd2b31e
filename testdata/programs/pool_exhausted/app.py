"""Two jobs each hold one of two permits and want another: Ctrl-C from a supervisor ends the hang."""
import asyncio
import os
import signal
import threading


async def job(pool, pause):
    async with pool:
        await asyncio.sleep(pause)
        async with pool:
            print("never reached")


async def main():
    pool = asyncio.Semaphore(2)
    await asyncio.gather(job(pool, 0.02), job(pool, 0.04))


signal.signal(signal.SIGINT, signal.default_int_handler)
threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted")
