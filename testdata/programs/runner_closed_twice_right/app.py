"""A Runner used several times, closed twice, and a second one: all of that is allowed."""
import asyncio


async def job(n):
    await asyncio.sleep(0)
    return n


runner = asyncio.Runner()
print(runner.run(job(1)), runner.run(job(2)))
runner.close()
runner.close()
with asyncio.Runner() as second:
    print(second.run(job(3)))
