"""A thread calls gather() outside of any loop, and dies of it."""
import asyncio
import threading


async def fetch(n):
    await asyncio.sleep(0)
    return n


def worker():
    both = asyncio.gather(fetch(1), fetch(2))
    print(both)


thread = threading.Thread(target=worker, name="worker")
thread.start()
thread.join()
