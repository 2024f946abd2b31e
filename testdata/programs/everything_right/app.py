"""A server, a client, a job in a thread, a child process and an async generator, all ended in order."""
import asyncio
import sys


async def echo(reader, writer):
    writer.write(await reader.readline())
    await writer.drain()
    writer.close()


async def countdown(n):
    try:
        while n:
            yield n
            n -= 1
            await asyncio.sleep(0)
    finally:
        print("counted")


async def main():
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
    writer.write(b"hello\n")
    print((await reader.read()).decode().strip())
    writer.close()
    server.close()
    await server.wait_closed()
    child = await asyncio.create_subprocess_exec(sys.executable, "-S", "-c", "print(6)", stdout=asyncio.subprocess.PIPE)
    out, _ = await child.communicate()
    loop = asyncio.get_running_loop()
    print(await loop.run_in_executor(None, int, out), [n async for n in countdown(2)])
    await asyncio.sleep(0.01)


asyncio.run(main())
