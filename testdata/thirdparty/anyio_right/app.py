"""Task groups, cancel scopes, threads, streams, sockets and a child process of anyio on asyncio."""
import anyio


async def work(n, *, task_status=anyio.TASK_STATUS_IGNORED):
    task_status.started(n)
    await anyio.sleep(0.01)


async def fails():
    raise ValueError


async def consume(receive):
    async with receive:
        async for item in receive:
            print(item)


async def echo(stream):
    async with stream:
        await stream.send(await stream.receive())


async def scopes():
    with anyio.move_on_after(0.01) as scope:
        await anyio.sleep(5)
    print(scope.cancel_called)
    try:
        with anyio.fail_after(0.01):
            await anyio.sleep(5)
    except TimeoutError:
        print("late")
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep, 5)
        await anyio.sleep(0.01)
        group.cancel_scope.cancel()
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(anyio.sleep, 5)
            group.start_soon(fails)
    except Exception as exc:
        print(type(exc).__name__)


async def main():
    async with anyio.create_task_group() as group:
        group.start_soon(work, 1)
        print(await group.start(work, 2))
    await scopes()
    await anyio.to_thread.run_sync(lambda: anyio.from_thread.run(anyio.sleep, 0.001))
    send, receive = anyio.create_memory_object_stream(1)
    async with anyio.create_task_group() as group:
        async with send:
            group.start_soon(consume, receive)
            for i in range(3):
                await send.send(i)
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    async with anyio.create_task_group() as group:
        group.start_soon(listener.serve, echo)
        async with await anyio.connect_tcp("127.0.0.1", port) as client:
            await client.send(b"x")
            print(await client.receive())
        group.cancel_scope.cancel()
    await listener.aclose()
    await anyio.run_process(["true"])


anyio.run(main)
