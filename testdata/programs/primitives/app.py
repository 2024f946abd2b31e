"""One task waits in each primitive of asyncio."""
import asyncio


async def lock(box):
    async with box["lock"]:
        pass


async def semaphore(box):
    async with box["semaphore"]:
        pass


async def condition(box):
    async with box["condition"]:
        await box["condition"].wait()


async def put(box):
    await box["queue"].put(2)


async def joined(box):
    await box["queue"].join()


async def main():
    box = {"lock": asyncio.Lock(), "semaphore": asyncio.Semaphore(0), "condition": asyncio.Condition(), "queue": asyncio.Queue(1)}
    await box["lock"].acquire()
    await box["queue"].put(1)
    for each in (lock, semaphore, condition, put, joined):
        asyncio.create_task(each(box), name=each.__name__)
    await asyncio.sleep(0.01)


loop = asyncio.get_event_loop_policy().new_event_loop()
asyncio.set_event_loop(loop)
loop.run_until_complete(main())
loop.close()
