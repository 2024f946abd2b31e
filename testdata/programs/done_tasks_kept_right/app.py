"""A monitor keeps the task of each of its probes, and with it the result: done, never dropped. Only a note is due."""
import asyncio

probes = []


async def probe(n):
    await asyncio.sleep(0)
    return bytes(100)


async def main():
    for n in range(300):
        probes.append(asyncio.ensure_future(probe(n)))
        await probes[-1]


asyncio.run(main())
print(len(probes))
