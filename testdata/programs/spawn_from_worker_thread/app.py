"""A worker thread spawns a task on a loop that runs in another thread; the refusal is printed and forgotten."""
import asyncio
import threading


class Progress:
    def __init__(self):
        self.seen = []

    async def store(self, percent):
        self.seen.append(percent)

    def report(self, percent):
        try:
            asyncio.create_task(self.store(percent))
        except RuntimeError as exc:
            print("worker:", exc)


async def main():
    progress = Progress()
    worker = threading.Thread(target=progress.report, args=(50,), name="worker")
    worker.start()
    while worker.is_alive():
        await asyncio.sleep(0.01)
    print(progress.seen)


asyncio.run(main())
