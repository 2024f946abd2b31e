"""A loop subclass with its own call_soon(), call_later(), _run_once() and close() is closed with a task pending."""
import asyncio


class Loop(asyncio.SelectorEventLoop):
    calls = turns = 0

    def call_soon(self, callback, *args, **kwargs):
        self.calls += 1
        return super().call_soon(callback, *args, **kwargs)

    def call_later(self, delay, callback, *args, **kwargs):
        return super().call_later(delay / 2, callback, *args, **kwargs)

    def _run_once(self):
        self.turns += 1
        super()._run_once()

    def close(self):
        print(self.calls > 0, self.turns > 0)
        super().close()


async def nap():
    await asyncio.sleep(10)


async def main():
    asyncio.ensure_future(nap())
    await asyncio.sleep(0.01)


loop = Loop()
loop.run_until_complete(main())
loop.close()
