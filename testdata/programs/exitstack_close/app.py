"""The loop is closed by an ExitStack, in the order in which nobody thought of the tasks."""
import asyncio
from contextlib import ExitStack


class Session:
    def __init__(self, stack):
        self.loop = asyncio.new_event_loop()
        stack.callback(self.loop.close)

    async def pump(self):
        self.inbox = asyncio.Queue()
        while True:
            item = await self.inbox.get()
            print(item)

    async def open(self):
        self.pumping = asyncio.get_running_loop().create_task(self.pump())
        await asyncio.sleep(0)
        self.pumping.set_name("pump")


def work():
    with ExitStack() as stack:
        session = Session(stack)
        session.loop.run_until_complete(session.open())
        print("open")


work()
