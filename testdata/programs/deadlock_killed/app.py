"""Two transfers in opposite directions lock both accounts; the program hangs until somebody kills it."""
import asyncio
import os
import signal
import threading


class Account:
    def __init__(self):
        self.lock = asyncio.Lock()


async def debit(mine, yours):
    async with mine.lock:
        await asyncio.sleep(0.02)
        async with yours.lock:
            print("debited")


async def credit(mine, yours):
    async with yours.lock:
        await asyncio.sleep(0.04)
        async with mine.lock:
            print("credited")


async def main():
    mine, yours = Account(), Account()
    await asyncio.gather(debit(mine, yours), credit(mine, yours))


threading.Timer(0.7, os.kill, (os.getpid(), signal.SIGKILL)).start()
asyncio.run(main())
