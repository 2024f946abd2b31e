"""Tasks wait in an __await__ generator, in a future of a class, and in a generator-based awaitable."""
import asyncio
import types


class Reply:
    def __init__(self, future):
        self.future = future

    def __await__(self):
        value = yield from self.future.__await__()
        return value


@types.coroutine
def until(future):
    return (yield from future)


async def call(reply):
    return await reply


async def wait(future):
    await until(future)


async def main():
    future = loop.create_future()
    loop.create_task(call(Reply(future)), name="reply")
    loop.create_task(call(future), name="future")
    loop.create_task(wait(future), name="generator")
    await asyncio.sleep(0.01)


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
