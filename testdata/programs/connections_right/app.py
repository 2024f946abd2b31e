"""Connections, datagram endpoints and pipes that are closed, some without waiting for the end of it."""
import asyncio
import os


async def answer(reader, writer):
    while True:
        line = await reader.readline()
        if not line:
            break
        writer.write(line.upper())
    writer.close()


async def ask(port, text, wait):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(text)
        return (await reader.readline()).decode().strip()
    finally:
        writer.close()
        if wait:
            await writer.wait_closed()


async def pipe():
    loop = asyncio.get_running_loop()
    read, write = os.pipe()
    reader = asyncio.StreamReader()
    source, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read, "rb"))
    sink, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(write, "wb"))
    sink.write(b"through the pipe\n")
    print((await reader.readline()).decode().strip())
    sink.close()
    source.close()


async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    print(await asyncio.gather(ask(port, b"a\n", True), ask(port, b"b\n", False)))
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(asyncio.DatagramProtocol, ("127.0.0.1", 0))
    transport.close()
    await pipe()
    server.close()
    await server.wait_closed()
    reader, writer = await asyncio.open_connection("127.0.0.1", await last())
    writer.close()


async def last():
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    return server.sockets[0].getsockname()[1]


asyncio.run(main())
