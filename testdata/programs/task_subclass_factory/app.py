"""A Task subclass, made by a task factory, on a loop subclass with a close() of its own."""
import asyncio


class Traced(asyncio.Task):
    def __init__(self, coro, **kwargs):
        super().__init__(coro, **kwargs)
        self.note = "traced"


class Loop(asyncio.SelectorEventLoop):
    def close(self):
        if not self.is_closed():
            print("closing")
        super().close()


def factory(loop, coro, **kwargs):
    return Traced(coro, loop=loop, **kwargs)


async def nap():
    await asyncio.sleep(10)


async def main():
    asyncio.create_task(nap(), name="first")
    asyncio.ensure_future(nap()).set_name("second")
    await asyncio.sleep(0.01)


def run():
    loop = Loop()
    loop.set_task_factory(factory)
    loop.run_until_complete(main())
    loop.close()


run()
