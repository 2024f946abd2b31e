"""A loop subclass overrides run_until_complete(), create_task(), stop() and close(); a timer stops the loop."""
import asyncio


class Loop(asyncio.SelectorEventLoop):
    def create_task(self, coro, **kwargs):
        return super().create_task(coro, **kwargs)

    def run_until_complete(self, future):
        return super().run_until_complete(future)

    def stop(self):
        super().stop()

    def close(self):
        super().close()


async def background():
    await asyncio.sleep(10)


async def main():
    asyncio.create_task(background(), name="background")
    asyncio.get_running_loop().call_later(0.01, asyncio.get_running_loop().stop)
    await asyncio.sleep(10)


loop = Loop()
try:
    loop.run_until_complete(main())
except RuntimeError as exc:
    print(exc)
loop.close()
