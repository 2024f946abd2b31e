"""Requests of one httpx client, one of which times out."""
import asyncio

import httpx


async def handle(reader, writer):
    while (await reader.readline()).strip():
        pass
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\nx")
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    url = "http://127.0.0.1:%d/" % server.sockets[0].getsockname()[1]
    async with server:
        async with httpx.AsyncClient() as client:
            for response in await asyncio.gather(*[client.get(url) for _ in range(4)]):
                print(response.status_code)
            try:
                await client.get(url, timeout=0.000001)
            except httpx.TimeoutException:
                print("late")


asyncio.run(main())
