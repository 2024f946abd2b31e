"""Prints when the collector runs and in which order things are finalised, as far as a program can see it."""
import asyncio
import gc
import logging
import re
import weakref


class Printed(logging.Handler):
    def emit(self, record):
        print(re.sub("0x[0-9a-f]+", "0x", record.getMessage()))


logging.getLogger("asyncio").addHandler(Printed())
logging.getLogger("asyncio").propagate = False


class Watched:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("gone", self.name)


async def child(name, cycle):
    watched = Watched(name)
    if cycle:
        watched.task = asyncio.current_task()
    await asyncio.sleep(0)
    return name


async def waits(name):
    watched = Watched(name)
    watched.future = asyncio.get_running_loop().create_future()
    watched.task = asyncio.current_task()
    try:
        await watched.future
    finally:
        print("finally", name)


def objects():
    gc.collect()
    kinds = {}
    for o in gc.get_objects():
        name = type(o).__name__
        kinds[name] = kinds.get(name, 0) + 1
    return kinds


async def main():
    loop = asyncio.get_running_loop()
    for n in range(3):
        await loop.create_task(child("plain %d" % n, False))
        await loop.create_task(child("cycle %d" % n, True))
    gc.collect()
    lost = [weakref.ref(loop.create_task(waits("lost %d" % n))) for n in range(5)]
    await asyncio.sleep(0)
    gc.collect()
    print("collected", [r() is None for r in lost])
    await asyncio.gather(*[child("gathered %d" % n, n % 2) for n in range(4)])


asyncio.run(main())
# A loop that ran leaves nothing behind for the next one.
for _ in range(40):
    asyncio.run(child("again", False))
before = objects()
for _ in range(40):
    asyncio.run(child("again", False))
after = objects()
print("more", {k: after[k] - before[k] for k in after if after[k] - before.get(k, 0) > 20})
loop = asyncio.new_event_loop()
kept = [loop.create_task(waits("left %d" % n)) for n in range(3)]
loop.run_until_complete(asyncio.sleep(0))
