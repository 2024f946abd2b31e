"""Streams, gather, locks, threads, time-outs, cancelled and failed tasks and a child process on uvloop; all is awaited."""
import asyncio

import uvloop


async def handle(reader, writer):
    writer.write(await reader.readline())
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def talk(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"x\n")
    line = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return line


async def fails():
    await asyncio.sleep(0.001)
    raise ValueError


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        print(await asyncio.gather(*[talk(port) for _ in range(3)]))
    print(await asyncio.gather(fails(), fails(), return_exceptions=True))
    lock = asyncio.Lock()
    async with lock:
        await asyncio.get_running_loop().run_in_executor(None, sum, [1])
    try:
        await asyncio.wait_for(asyncio.sleep(5), 0.01)
    except asyncio.TimeoutError:
        print("late")
    child = await asyncio.create_subprocess_exec("true")
    await child.wait()
    nap = asyncio.ensure_future(asyncio.sleep(5))
    await asyncio.sleep(0)
    nap.cancel()
    await asyncio.wait([nap])


def run():
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(main())
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


run()
