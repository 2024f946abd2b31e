"""The stop event of a poller is made once; the pollers of the second run wait for it in another loop, inside wait_for()."""
import asyncio


class Poller:
    def __init__(self, name):
        self.name = name
        self.polls = 0

    async def run(self, stop):
        while True:
            try:
                await asyncio.wait_for(stop.wait(), 0.05)
                return self.name
            except asyncio.TimeoutError:
                self.polls += 1


stop = None


async def campaign(name, limit):
    global stop
    if stop is None:
        stop = asyncio.Event()
    poller = Poller(name)
    job = asyncio.ensure_future(poller.run(stop))
    await asyncio.sleep(limit)
    job.cancel()
    try:
        await job
    except asyncio.CancelledError:
        print(name, "cancelled, polled:", poller.polls > 0)


asyncio.run(campaign("spring", 0.12))
try:
    asyncio.run(campaign("autumn", 0.12))
except RuntimeError as exc:
    print("autumn failed:", str(exc)[-22:])
