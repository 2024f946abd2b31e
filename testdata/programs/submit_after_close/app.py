"""A synchronous client submits to its background loop after it was closed."""
import asyncio
import threading


class Api:
    def __init__(self):
        self.loop = asyncio.new_event_loop()

    def call(self):
        return asyncio.run_coroutine_threadsafe(self.ping(), self.loop).result(1)

    async def ping(self):
        return "pong"


api = Api()
t = threading.Thread(target=api.loop.run_forever)
t.start()
print(api.call())
api.loop.call_soon_threadsafe(api.loop.stop)
t.join()
api.loop.close()
try:
    api.call()
except RuntimeError as exc:
    print(exc)
