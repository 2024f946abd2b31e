"""A gather() inside a gather(return_exceptions=True): the inner one raises, its sibling lives on."""
import asyncio


async def leaf(n):
    await asyncio.sleep(0.01 if n == 0 else 10)
    if n == 0:
        raise KeyError(n)


async def group():
    await asyncio.gather(leaf(0), leaf(1))


async def main():
    r = await asyncio.gather(group(), asyncio.sleep(0.02), return_exceptions=True)
    print(r)
    await asyncio.sleep(0.02)
    for t in asyncio.all_tasks() - {asyncio.current_task()}:
        t.set_name("leaf-1")


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
