"""A loop in a daemon thread: submitted to, drained, stopped, joined, closed by the main thread."""
import asyncio
import threading


async def poll(ticks):
    while True:
        ticks.append(1)
        await asyncio.sleep(0.005)


async def drain():
    tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return len(tasks)


loop = asyncio.new_event_loop()
thread = threading.Thread(target=loop.run_forever, daemon=True, name="loop")
thread.start()
ticks = []
future = asyncio.run_coroutine_threadsafe(poll(ticks), loop)
while len(ticks) < 3:
    thread.join(0.005)
print("drained", asyncio.run_coroutine_threadsafe(drain(), loop).result())
loop.call_soon_threadsafe(loop.stop)
thread.join()
loop.close()
loop.close()
