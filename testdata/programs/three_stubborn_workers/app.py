"""Three workers of a class in a thread of its own lose their cancellation to a catch-all around a job in an executor."""
import asyncio
import threading
import time


class Worker:
    async def run(self):
        for n in range(4):
            try:
                await asyncio.get_event_loop().run_in_executor(None, time.sleep, 0.15)
            except BaseException as exc:
                self.last = exc


async def main():
    for n in range(3):
        asyncio.ensure_future(Worker().run())
    await asyncio.sleep(0.02)


thread = threading.Thread(target=lambda: asyncio.run(main()), name="service")
thread.start()
thread.join()
