"""Spawns, steps and ends tasks as fast as it can, and logs each of these to a file of its own with write(2).

A line is in the log before what it announces can happen (spawning, returning) or after it is complete (spawned, stepped, ended).
"""
import asyncio
import os
import sys

LOG = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def log(what, number):
    os.write(LOG, b"%s %d\n" % (what, number))


async def work(number):
    for _ in range(number % 5):
        await asyncio.sleep(0)
        log(b"stepped", number)
    log(b"returning", number)


async def finish(batch):
    for number, task in batch:
        await task
        log(b"ended", number)


async def main():
    number = 0
    log(b"pid", os.getpid())
    while True:
        batch = []
        for _ in range(20):
            log(b"spawning", number)
            batch.append((number, asyncio.ensure_future(work(number))))
            log(b"spawned", number)
            number += 1
        await finish(batch)


asyncio.run(main())
