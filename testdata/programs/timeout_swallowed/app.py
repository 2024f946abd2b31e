"""wait_for() gives up after 0.1 s, but the job takes its cancellation for a hiccup and polls on."""
import asyncio


class Job:
    async def poll(self):
        for n in range(12):
            try:
                await asyncio.sleep(0.08)
            except asyncio.CancelledError:
                print("hiccup")


async def main():
    try:
        await asyncio.wait_for(Job().poll(), 0.1)
    except asyncio.TimeoutError:
        print("gave up")


asyncio.run(main())
