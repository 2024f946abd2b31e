"""What blocks does so in threads, before and after the run, or for a moment only; what computes lets others in."""
import asyncio
import functools
import time


def slow(seconds):
    time.sleep(seconds)
    return seconds


async def heartbeat(beats):
    while True:
        await asyncio.sleep(0.05)
        beats.append(None)


async def compute(parts):
    total = 0
    for _ in range(parts):
        total += sum(range(20_000))
        await asyncio.sleep(0)
    return total


async def main():
    loop = asyncio.get_running_loop()
    beats = []
    beat = asyncio.create_task(heartbeat(beats), name="heartbeat")
    jobs = [loop.run_in_executor(None, functools.partial(slow, 0.5)) for _ in range(2)]
    sums = await asyncio.gather(compute(300), compute(300))
    for _ in range(5):
        time.sleep(0.01)
        await asyncio.sleep(0.01)
    await asyncio.gather(*jobs)
    beat.cancel()
    await asyncio.wait([beat])
    print(sums[0] == sums[1], len(beats) > 0)


time.sleep(0.3)
asyncio.run(main())
time.sleep(0.3)
