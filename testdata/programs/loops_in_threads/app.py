"""Three threads have a loop each; only one of them closes it under a task. The second close is a no-op."""
import asyncio
import threading


async def spin():
    await asyncio.sleep(10)


async def serve(name):
    task = asyncio.create_task(spin(), name="spin-" + name)
    await asyncio.sleep(0.01)
    if name != "bad":
        task.cancel()
        await asyncio.wait([task])


def body(name):
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(serve(name))
    finally:
        loop.close()
        loop.close()


for name in ("one", "bad", "three"):
    thread = threading.Thread(target=body, args=(name,), name=name)
    thread.start()
    thread.join()
