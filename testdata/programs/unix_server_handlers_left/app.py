"""Handlers of a server still serve their clients, plain sockets in another thread, when the loop is closed."""
import asyncio
import socket
import threading


class Echo:
    count = 0

    async def handle(self, reader, writer):
        Echo.count += 1
        asyncio.current_task().set_name("client-%d" % Echo.count)
        if Echo.count == 2:
            asyncio.get_running_loop().call_later(0.02, asyncio.get_running_loop().stop)
        while not reader.at_eof():
            writer.write(await reader.read(100))


def clients(port):
    socks = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
    closed.wait()
    for sock in socks:
        sock.close()


closed = threading.Event()
loop = asyncio.new_event_loop()
server = loop.run_until_complete(asyncio.start_server(Echo().handle, "127.0.0.1", 0))
threading.Thread(target=clients, args=server.sockets[0].getsockname()[1:]).start()
loop.run_forever()
server.close()
loop.close()
closed.set()
