"""Coroutines are made early and late, kept, returned and passed on, and all of them are awaited or closed."""
import asyncio


async def load(key):
    await asyncio.sleep(0)
    return key


def later(key):
    return load(key)


async def main():
    kept = [load(n) for n in range(3)]
    first = later("first")
    unused = load("unused")
    unused.close()
    print(await first, await asyncio.gather(*kept))
    print(await asyncio.wait_for(later("second"), 1))


early = load("early")
print(asyncio.run(early))
asyncio.run(main())
