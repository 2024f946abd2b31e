"""Callbacks deal with their own errors; handlers of a server are cancelled by asyncio.run(), which some versions complain about."""
import asyncio

seen = []


def parse(text):
    try:
        seen.append(int(text))
    except ValueError:
        seen.append(None)


async def handle(reader, writer):
    try:
        await reader.readline()
    finally:
        writer.close()


async def main():
    loop = asyncio.get_running_loop()
    loop.call_soon(parse, "12")
    loop.call_later(0.01, parse, "x")
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
    await asyncio.sleep(0.05)
    writer.close()
    server.close()
    print(seen)


asyncio.run(main())
