"""A library loses the exception of its own future; the only line of the program that sets exceptions is right."""
import asyncio
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "site-packages"))
import wire


async def refused():
    reply = asyncio.get_running_loop().create_future()
    reply.set_exception(ConnectionRefusedError())
    try:
        await reply
    except ConnectionRefusedError:
        print("refused")


async def main():
    await refused()
    wire.Wire().lose()
    await asyncio.sleep(0.01)
    print("main done")


asyncio.run(main())
