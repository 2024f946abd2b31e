"""Leaving `async with server` waits for a client that stays, since 3.12; the test around it gives up."""
import asyncio


async def handler(reader, writer):
    asyncio.current_task().set_name("chat")
    while True:
        line = await reader.readline()
        if not line:
            break
        writer.write(line)
    writer.close()


async def serve(connected):
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    async with server:
        connected.set_result(server.sockets[0].getsockname()[1])
        await asyncio.sleep(0.05)


async def main():
    connected = asyncio.get_running_loop().create_future()
    service = asyncio.create_task(serve(connected), name="service")
    reader, writer = await asyncio.open_connection("127.0.0.1", await connected)
    done, pending = await asyncio.wait({service}, timeout=0.4)
    print("stopped" if done else "still there")
    for task in pending:
        task.cancel()
    writer.close()
    await asyncio.wait({service})
    await asyncio.sleep(0.05)


asyncio.run(main())
