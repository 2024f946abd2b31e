"""A worker thread reports to a loop that asyncio.run() closed long ago."""
import asyncio
import threading


class Progress:
    def __init__(self, loop):
        self.loop = loop

    def report(self, percent):
        self.loop.call_soon_threadsafe(print, percent)


def worker(progress):
    progress.report(50)
    go_on.wait()
    try:
        progress.report(100)
    except RuntimeError as exc:
        print("worker:", exc)


async def main():
    threading.Thread(target=worker, args=(Progress(asyncio.get_running_loop()),), name="worker").start()
    await asyncio.sleep(0.05)


go_on = threading.Event()
asyncio.run(main())
go_on.set()
