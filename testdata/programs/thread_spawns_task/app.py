"""The main thread spawns a task on a loop that a thread runs, without run_coroutine_threadsafe()."""
import asyncio
import threading
import time


async def job():
    print("job ran")


def serve(loop):
    loop.call_later(0.7, loop.stop)
    loop.run_forever()
    loop.close()


loop = asyncio.new_event_loop()
thread = threading.Thread(target=serve, args=(loop,), name="server")
thread.start()
time.sleep(0.1)
task = loop.create_task(job())
thread.join()
