"""The answer of a device is scheduled with call_later(); when it comes, the request has timed out and cancelled its future."""
import asyncio


async def ask(loop, answer, delay):
    reply = loop.create_future()
    loop.call_later(delay, reply.set_result, answer)
    return await asyncio.wait_for(reply, 0.03)


async def main():
    loop = asyncio.get_running_loop()
    print(await ask(loop, "fast", 0))
    try:
        print(await ask(loop, "slow", 0.5))
    except asyncio.TimeoutError:
        print("timeout")
    await asyncio.sleep(0.7)


asyncio.run(main())
