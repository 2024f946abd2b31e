"""terminate() of a forked worker: the signal runs the handler that the parent had set for itself."""
import asyncio
import multiprocessing
import signal
import time


def worker():
    time.sleep(0.4)


async def main():
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, print, "parent was asked to end")
    process = multiprocessing.get_context("fork").Process(target=worker)
    process.start()
    await asyncio.sleep(0.2)
    process.terminate()
    while process.is_alive():
        await asyncio.sleep(0.01)
    print("worker ended with", process.exitcode)


asyncio.run(main())
