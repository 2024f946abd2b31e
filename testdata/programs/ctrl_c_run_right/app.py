"""Ctrl-C under asyncio.run(): the worker cleans up, the program says goodbye. Nothing is wrong."""
import asyncio
import signal


async def worker(log):
    try:
        await asyncio.sleep(10)
    finally:
        await asyncio.sleep(0)
        log.append("flushed")


async def main(log):
    task = asyncio.create_task(worker(log), name="worker")
    asyncio.get_running_loop().call_later(0.03, signal.raise_signal, signal.SIGINT)
    await task


signal.signal(signal.SIGINT, signal.default_int_handler)
done = []
try:
    asyncio.run(main(done))
except KeyboardInterrupt:
    print("goodbye", done)
