"""A spawned child closes its loop under a task; the parent has no loop."""
import asyncio
import multiprocessing


async def poll():
    await asyncio.sleep(10)


async def main():
    asyncio.create_task(poll(), name="poll")
    await asyncio.sleep(0)


def child():
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    loop.close()


if __name__ == "__main__":
    p = multiprocessing.get_context("spawn").Process(target=child)
    p.start()
    p.join()
