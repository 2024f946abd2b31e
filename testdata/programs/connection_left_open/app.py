"""A client keeps its connection for later and never closes it."""
import asyncio


async def greet(reader, writer):
    writer.write(b"hello\n")
    await writer.drain()
    writer.close()


class Client:
    async def connect(self, port):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)
        return (await self.reader.readline()).decode().strip()


async def main(client):
    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    print(await client.connect(server.sockets[0].getsockname()[1]))
    server.close()


client = Client()
asyncio.run(main(client))
