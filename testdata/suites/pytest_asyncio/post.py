"""A small mail service: what the tests of this suite are about."""
import asyncio


def spawn(coro):
    """Starts work in the background; every part of the service goes through here."""
    return asyncio.ensure_future(coro)


class Outbox:
    """Sends what is put into it, from a task of its own."""

    def __init__(self):
        self.queue = asyncio.Queue()
        self.sent = []
        self.task = None

    def start(self):
        self.task = spawn(self.work())

    async def work(self):
        while True:
            mail = await self.queue.get()
            await asyncio.sleep(0)
            self.sent.append(mail)
            self.queue.task_done()

    async def send(self, mail):
        await self.queue.put(mail)
        await self.queue.join()

    async def stop(self):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


class Server:
    """Says back what it gets, in upper case."""

    def __init__(self):
        self.server = None
        self.handlers = set()

    async def start(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)

    @property
    def address(self):
        return self.server.sockets[0].getsockname()[:2]

    async def serve(self, reader, writer):
        self.handlers.add(asyncio.current_task())
        try:
            while True:
                line = await reader.readline()
                if not line:
                    return
                writer.write(line.upper())
                await writer.drain()
        finally:
            self.handlers.discard(asyncio.current_task())
            writer.close()

    async def stop(self):
        self.server.close()
        for task in list(self.handlers):
            task.cancel()
        await asyncio.gather(*self.handlers, return_exceptions=True)
        await self.server.wait_closed()


async def shout(address, text):
    """Asks a Server."""
    reader, writer = await asyncio.open_connection(*address)
    try:
        writer.write(text.encode() + b"\n")
        await writer.drain()
        return (await reader.readline()).decode().strip()
    finally:
        writer.close()
        await writer.wait_closed()


async def fetch(key, delay=0.001):
    await asyncio.sleep(delay)
    if key < 0:
        raise LookupError(key)
    return key * 2


async def audit(entry, log):
    await asyncio.sleep(0)
    log.append(entry)
