"""SIGTERM stops run_forever(), as it should; but then the workers are dropped."""
import asyncio
import os
import signal


async def worker():
    await asyncio.sleep(10)


loop = asyncio.new_event_loop()
loop.w = loop.create_task(worker(), name="w")
loop.add_signal_handler(signal.SIGTERM, loop.stop)
loop.call_later(0.02, os.kill, os.getpid(), signal.SIGTERM)
try:
    loop.run_forever()
finally:
    loop.close()
