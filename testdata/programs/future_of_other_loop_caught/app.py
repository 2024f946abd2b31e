"""A client keeps a future of the first run, and the second run's error is caught and printed."""
import asyncio


class Client:
    def __init__(self):
        self.reply = None

    async def connect(self):
        self.reply = asyncio.get_running_loop().create_future()

    async def fetch(self):
        try:
            return await self.reply
        except RuntimeError:
            print("no reply")


async def use(client):
    await asyncio.create_task(client.fetch(), name="fetch")


client = Client()
asyncio.run(client.connect())
asyncio.run(use(client))
