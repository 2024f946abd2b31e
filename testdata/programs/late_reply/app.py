"""A reply comes when its wait_for() has given up: the future is cancelled, and resolving it fails in a callback."""
import asyncio


class Client:
    def __init__(self):
        self.pending = {}

    async def ask(self, n):
        loop = asyncio.get_running_loop()
        self.pending[n] = loop.create_future()
        loop.call_later(0.4, self.on_reply, n, "late")
        return await asyncio.wait_for(self.pending[n], 0.01)

    def on_reply(self, n, text):
        self.pending[n].set_result(text)


async def main():
    try:
        await Client().ask(7)
    except asyncio.TimeoutError:
        print("timeout")
    await asyncio.sleep(0.6)


asyncio.run(main())
