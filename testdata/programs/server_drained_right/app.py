"""The server is closed while a client is still served, and waits until that one is done."""
import asyncio


async def slow_answer(reader, writer):
    await reader.readline()
    await asyncio.sleep(0.7)
    writer.write(b"done\n")
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def client(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"work\n")
    print((await reader.readline()).decode().strip())
    writer.close()
    await writer.wait_closed()


async def main():
    server = await asyncio.start_server(slow_answer, "127.0.0.1", 0)
    served = asyncio.create_task(client(server.sockets[0].getsockname()[1]))
    await asyncio.sleep(0.05)
    server.close()
    await asyncio.wait_for(server.wait_closed(), 5)
    await served
    await asyncio.sleep(0.05)


asyncio.run(main())
