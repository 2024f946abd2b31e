"""Replies that may be late or double, each looked at before the future is resolved, or expected to fail."""
import asyncio


def reply(future, text):
    if not future.done():
        future.set_result(text)


def reply_or_not(future, text):
    try:
        future.set_result(text)
    except asyncio.InvalidStateError:
        print("too late:", text)


async def main():
    loop = asyncio.get_running_loop()
    for answer in reply, reply_or_not:
        future = loop.create_future()
        loop.call_later(0.4, answer, future, "late")
        try:
            await asyncio.wait_for(future, 0.01)
        except asyncio.TimeoutError:
            print("timeout")
    twice = loop.create_future()
    reply(twice, 1)
    reply(twice, 2)
    print(await twice, twice.result())
    await asyncio.sleep(0.6)


asyncio.run(main())
