"""os._exit() in a callback of the loop, under a manual run."""
import asyncio
import os


class Guard:
    def __call__(self):
        self.leave(0)

    def leave(self, code):
        os._exit(code)


async def wait_for_ever(queue):
    await queue.get()


async def main():
    task = asyncio.create_task(wait_for_ever(asyncio.Queue()), name="waiter")
    asyncio.get_running_loop().call_later(0.02, Guard())
    await asyncio.gather(task)


asyncio.new_event_loop().run_until_complete(main())
