"""gather() is called and dropped: the failure of one of its awaitables is told when the interpreter collects it."""
import asyncio


async def ping(host):
    await asyncio.sleep(0.01)
    if host == "b":
        raise ConnectionError("unreachable")


def start(hosts):
    asyncio.gather(*[ping(host) for host in hosts])


async def main():
    start("abc")
    await asyncio.sleep(0.1)
    print("main done")


asyncio.run(main())
