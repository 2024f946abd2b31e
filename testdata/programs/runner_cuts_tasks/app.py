"""Runner.close() cuts a task of the first of two runs."""
import asyncio


async def flush():
    await asyncio.sleep(3)


async def first():
    asyncio.create_task(flush(), name="flush")


async def second():
    await asyncio.sleep(0.01)


with asyncio.Runner() as runner:
    runner.run(first())
    runner.run(second())
print("end")
