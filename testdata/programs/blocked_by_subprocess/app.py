"""A coroutine waits for a child with subprocess.run() in a loop of another thread; the main thread's loop goes on."""
import asyncio
import subprocess
import sys
import threading

CHILD = "import time; time.sleep(0.7)"


async def convert():
    subprocess.run([sys.executable, "-S", "-E", "-c", CHILD], check=True)


async def heartbeat():
    while True:
        await asyncio.sleep(0.05)


async def service():
    beat = asyncio.create_task(heartbeat(), name="heartbeat")
    await asyncio.sleep(0.1)
    await asyncio.create_task(convert(), name="convert")
    beat.cancel()
    await asyncio.wait([beat])


async def main():
    worker = threading.Thread(target=asyncio.run, args=(service(),), name="service")
    worker.start()
    while worker.is_alive():
        await asyncio.sleep(0.05)
    print("converted")


asyncio.run(main())
