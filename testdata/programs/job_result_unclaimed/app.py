"""A worker hands jobs to a pool of its own and keeps the futures; its loop is closed before the jobs are done."""
import asyncio
import concurrent.futures
import time


def shrink(name):
    time.sleep(0.3)
    return name.lower()


class Thumbnails:
    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.pool = concurrent.futures.ThreadPoolExecutor(2)
        self.jobs = []

    async def submit(self, name):
        self.jobs.append(self.loop.run_in_executor(self.pool, shrink, name))
        await asyncio.sleep(0.01)

    def close(self):
        self.loop.close()


thumbnails = Thumbnails()
for name in ("A.png", "B.png", "C.png"):
    thumbnails.loop.run_until_complete(thumbnails.submit(name))
thumbnails.close()
thumbnails.pool.shutdown()
print("done:", [job.done() for job in thumbnails.jobs])
