"""A client library closes the loop of the application that called it."""
import asyncio

from legacysdk import Client


async def metrics():
    while True:
        await asyncio.sleep(10)


async def main():
    asyncio.create_task(metrics(), name="metrics")
    await asyncio.sleep(0.01)


def application():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(main())
    Client(loop).disconnect()
    return loop


application()
