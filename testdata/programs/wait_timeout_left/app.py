"""asyncio.wait() with a timeout gives back what is pending and cancels nothing."""
import asyncio


async def fetch(url, seconds):
    await asyncio.sleep(seconds)
    return url


def start(*seconds):
    return {asyncio.ensure_future(fetch("/%d" % n, s)) for n, s in enumerate(seconds)}


async def main():
    tasks = start(0, 10, 20)
    done, pending = await asyncio.wait(tasks, timeout=0.05)
    for n, task in enumerate(sorted(pending, key=lambda t: t.get_name())):
        task.set_name("late-%d" % n)
    print("done:", len(done), "given up:", len(pending))


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
