"""gather(return_exceptions=True), wait(), wait_for(), shield() and as_completed(), all seen through to the end."""
import asyncio


async def work(n):
    await asyncio.sleep(0.005 * n)
    if n == 2:
        raise ValueError(n)
    return n


async def main():
    print(await asyncio.gather(*(work(n) for n in range(4)), return_exceptions=True))
    try:
        await asyncio.wait_for(asyncio.sleep(10), 0.01)
    except asyncio.TimeoutError:
        print("timeout")
    slow = asyncio.create_task(asyncio.sleep(10))
    done, pending = await asyncio.wait([slow, asyncio.create_task(work(1))], return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    print(len(done), await asyncio.gather(*pending, return_exceptions=True))
    inner = asyncio.create_task(work(3))
    try:
        await asyncio.wait_for(asyncio.shield(inner), 0.001)
    except asyncio.TimeoutError:
        print(await inner)
    for each in asyncio.as_completed([work(0), work(1)]):
        print(await each)


loop = asyncio.new_event_loop()
try:
    loop.run_until_complete(main())
finally:
    loop.close()
