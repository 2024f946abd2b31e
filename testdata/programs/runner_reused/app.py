"""A client keeps its Runner, closed by the with statement, and runs a last call with it."""
import asyncio


class Client:
    def __init__(self):
        self.runner = asyncio.Runner()

    def call(self, n):
        coro = self.request(n)
        try:
            return self.runner.run(coro)
        finally:
            coro.close()

    async def request(self, n):
        await asyncio.sleep(0)
        return n


client = Client()
with client.runner:
    print(client.call(1))
try:
    print(client.call(2))
except RuntimeError as exc:
    print(exc)
