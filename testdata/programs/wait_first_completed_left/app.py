"""wait(FIRST_COMPLETED): the slower mirrors are forgotten."""
import asyncio


async def mirror(name, seconds):
    await asyncio.sleep(seconds)
    return name


async def main():
    tasks = [asyncio.create_task(mirror(n, s), name=n) for n, s in (("eu", 0.01), ("us", 10), ("asia", 20))]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    print(done.pop().result())


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
