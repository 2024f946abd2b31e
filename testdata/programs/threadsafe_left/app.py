"""A thread submits to a loop in another thread, which is stopped and closed before the work is done."""
import asyncio
import threading


async def work(started):
    asyncio.current_task().set_name("work")
    started.set()
    await asyncio.sleep(10)


class Background:
    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.serve, name="background")
        self.thread.start()

    def serve(self):
        self.loop.run_forever()
        self.loop.close()

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


background = Background()
started = threading.Event()
future = asyncio.run_coroutine_threadsafe(work(started), background.loop)
started.wait()
background.stop()
