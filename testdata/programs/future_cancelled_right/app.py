"""Not the task is cancelled but the futures that it waits for, one after the other; it is made for that."""
import asyncio


async def reader(pending):
    lost = 0
    while lost < 3:
        future = asyncio.get_running_loop().create_future()
        pending.append(future)
        try:
            await future
        except asyncio.CancelledError:
            lost += 1
    return lost


async def main():
    pending = []
    task = asyncio.create_task(reader(pending))
    for _ in range(3):
        await asyncio.sleep(0.02)
        pending.pop().cancel()
    print("lost", await task)


asyncio.run(main())
