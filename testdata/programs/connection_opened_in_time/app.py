"""The connection is opened under a timeout, in a task of its own up to 3.11, and never closed."""
import asyncio

kept = []


async def greet(reader, writer):
    writer.write(b"hello\n")
    await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 2)
    print((await reader.readline()).decode().strip())
    server.close()
    kept.append(writer)


asyncio.run(main())
print("end")
