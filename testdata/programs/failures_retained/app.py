"""Three failed workers stay in a list; their done callback only counts them, and the exception handler is silent."""
import asyncio

workers = []
ended = []


async def work(n):
    await asyncio.sleep(0.01 * n)
    raise LookupError("no such row")


async def main():
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    for n in range(3):
        task = asyncio.create_task(work(n), name="worker-%d" % n)
        task.add_done_callback(ended.append)
        workers.append(task)
    await asyncio.sleep(0.6)
    print(len(ended), "ended")


asyncio.run(main())
