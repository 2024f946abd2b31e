"""A worker thread sets an asyncio.Event: the loop has nothing else to do and sleeps until the limit."""
import asyncio
import threading
import time


class Job:
    def __init__(self):
        self.done = asyncio.Event()

    def work(self):
        time.sleep(0.1)
        self.done.set()


async def main():
    job = Job()
    thread = threading.Thread(target=job.work, name="worker")
    thread.start()
    waiter = asyncio.ensure_future(job.done.wait())
    finished, _ = await asyncio.wait([waiter], timeout=0.8)
    print("finished", len(finished))
    thread.join()
    await waiter


asyncio.run(main())
