"""A uvloop loop is closed with two tasks pending; a third one has ended."""
import asyncio

import uvloop


async def nap():
    await asyncio.sleep(10)


async def quick():
    await asyncio.sleep(0)


async def main():
    asyncio.create_task(nap(), name="first")
    asyncio.create_task(nap(), name="second")
    await asyncio.create_task(quick(), name="quick")
    await asyncio.sleep(0.01)


def run():
    loop = uvloop.new_event_loop()
    loop.run_until_complete(main())
    loop.close()


run()
