"""Each client that connects gets a heartbeat; nobody ends it when the client goes, and asyncio.run() cuts all of them."""
import asyncio


class Server:
    def __init__(self):
        self.sent = 0

    async def heartbeat(self):
        while True:
            await asyncio.sleep(0.05)
            self.sent += 1

    async def client(self, n):
        asyncio.ensure_future(self.heartbeat())
        await asyncio.sleep(0.004)


async def main():
    server = Server()
    for n in range(40):
        await asyncio.ensure_future(server.client(n))
    print("all clients are gone")


asyncio.run(main())
