"""Ping-pong: two tasks hand a value to and fro through two queues of one place, 1000 times N."""
import asyncio

import timed


async def pong(inbox, outbox):
    while True:
        value = await inbox.get()
        if value is None:
            return
        await outbox.put(value)


async def main(rounds):
    there, back = asyncio.Queue(1), asyncio.Queue(1)
    other = asyncio.ensure_future(pong(there, back))
    for i in range(rounds * 1000):
        await there.put(i)
        await back.get()
    await there.put(None)
    await other


if __name__ == "__main__":
    timed.run(main)
