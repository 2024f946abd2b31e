"""SIGTERM sets an event through add_signal_handler(); another run_forever() is stopped as it is meant."""
import asyncio
import os
import signal


async def serve():
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.call_later(0.02, os.kill, os.getpid(), signal.SIGTERM)
    worker = loop.create_task(asyncio.sleep(10))
    await stop.wait()
    worker.cancel()
    await asyncio.wait([worker])
    loop.remove_signal_handler(signal.SIGTERM)


asyncio.run(serve())
loop = asyncio.new_event_loop()
loop.add_signal_handler(signal.SIGTERM, loop.stop)
loop.call_later(0.02, os.kill, os.getpid(), signal.SIGTERM)
loop.run_forever()
loop.close()
print("terminated twice")
