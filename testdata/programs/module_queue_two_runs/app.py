"""A queue made at import serves two runs; the consumer of the second one has to wait."""
import asyncio

jobs = asyncio.Queue()


async def produce():
    await asyncio.sleep(0.01)
    jobs.put_nowait("job")


async def main():
    asyncio.current_task().set_name("main")
    producer = asyncio.create_task(produce())
    print(await jobs.get())
    await producer


asyncio.run(main())
asyncio.run(main())
