"""A timer's callback writes its report with a client that blocks, in a helper of a class."""
import asyncio
import time


class Client:
    def send(self, report):
        time.sleep(0.6)
        return len(report)


class Reporter:
    def __init__(self, loop):
        self.loop = loop
        self.client = Client()

    def flush(self):
        self.client.send("report")


async def heartbeat():
    while True:
        await asyncio.sleep(0.05)


async def main():
    loop = asyncio.get_running_loop()
    beat = asyncio.create_task(heartbeat(), name="heartbeat")
    loop.call_later(0.1, Reporter(loop).flush)
    await asyncio.sleep(0.2)
    await asyncio.sleep(0.1)
    beat.cancel()
    await asyncio.wait([beat])
    print("flushed")


asyncio.run(main())
