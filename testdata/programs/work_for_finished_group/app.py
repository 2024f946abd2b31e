"""A callback hands a late request to a TaskGroup whose async with has ended."""
import asyncio


class Server:
    def __init__(self, group):
        self.group = group

    def on_request(self, n):
        self.group.create_task(self.serve(n))

    async def serve(self, n):
        print("served", n)


async def main():
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as group:
        server = Server(group)
        server.on_request(1)
    loop.call_later(0.02, server.on_request, 2)
    await asyncio.sleep(0.05)


asyncio.run(main())
