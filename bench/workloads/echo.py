"""Streams echo: 10 connections on a Unix socket, 60 messages of 64 bytes each and N times that, both ends in one process."""
import asyncio
import os
import tempfile

import timed

SIZE = 64


async def serve(reader, writer):
    try:
        while True:
            writer.write(await reader.readexactly(SIZE))
            await writer.drain()
    except asyncio.IncompleteReadError:
        writer.close()


async def talk(path, messages):
    reader, writer = await asyncio.open_unix_connection(path)
    for _ in range(messages):
        writer.write(b"x" * SIZE)
        await writer.drain()
        await reader.readexactly(SIZE)
    writer.close()


async def main(rounds):
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "s")
        server = await asyncio.start_unix_server(serve, path)
        await asyncio.gather(*[talk(path, 60 * rounds) for _ in range(10)])
        server.close()
        await server.wait_closed()


if __name__ == "__main__":
    timed.run(main)
