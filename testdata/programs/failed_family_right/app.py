"""What a failure leaves behind is cancelled, awaited, or given to an owner."""
import asyncio

background = set()


async def transfer(part):
    await asyncio.sleep(0.01)
    if part == 1:
        raise OSError("connection reset")
    await asyncio.sleep(0.05 * part)


async def log():
    await asyncio.sleep(0.1)


async def load():
    task = asyncio.ensure_future(log())
    background.add(task)
    task.add_done_callback(background.discard)
    helper = asyncio.ensure_future(asyncio.sleep(10))
    try:
        await asyncio.sleep(0.01)
        raise KeyError
    finally:
        helper.cancel()


async def main():
    tasks = [asyncio.ensure_future(transfer(n)) for n in range(3)]
    try:
        await asyncio.gather(*tasks)
    except OSError:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    print(len(await asyncio.gather(*map(transfer, range(3)), return_exceptions=True)))
    try:
        await asyncio.ensure_future(load())
    except KeyError:
        print("cannot load")
    await asyncio.gather(*background)


asyncio.run(main())
