"""Two mirrors answer one request; the second answer ends the task that brings it."""
import asyncio


async def mirror(name, delay, answer):
    await asyncio.sleep(delay)
    answer.set_result(name)


async def main():
    answer = asyncio.get_running_loop().create_future()
    tasks = [asyncio.ensure_future(mirror(n, d, answer)) for n, d in (("a", 0.01), ("b", 0.02))]
    print("first:", await answer)
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        print(type(result).__name__)


asyncio.run(main())
