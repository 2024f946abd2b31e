"""A service hands a coroutine to its background loop after that was stopped, and waits for the result."""
import asyncio
import concurrent.futures
import threading


class Service:
    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="service")
        self.thread.start()

    def call(self, coro):
        return asyncio.run_coroutine_threadsafe(coro, self.loop).result(0.3)

    def stop(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


async def answer():
    return 42


service = Service()
print(service.call(answer()))
service.stop()
try:
    service.call(answer())
except concurrent.futures.TimeoutError:
    print("no answer")
service.loop.close()
