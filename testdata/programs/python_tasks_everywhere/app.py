"""asyncio.Task and asyncio.Future are those written in Python; one task of several is left at the close."""
import asyncio

asyncio.Task = asyncio.tasks.Task = asyncio.tasks._PyTask
asyncio.Future = asyncio.futures.Future = asyncio.futures._PyFuture


async def nap():
    await asyncio.sleep(10)


async def fails():
    await asyncio.sleep(0)
    raise ValueError


async def main():
    asyncio.ensure_future(nap()).set_name("left")
    print(await asyncio.gather(fails(), fails(), return_exceptions=True))
    cancelled = asyncio.ensure_future(nap())
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.wait([cancelled])


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
