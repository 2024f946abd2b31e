"""Tasks wait inside async generators: async for, asend, an async comprehension."""
import asyncio


async def pages(queue):
    while True:
        yield await queue.get()


async def rows(queue):
    async for page in pages(queue):
        yield page


async def show(queue):
    async for row in rows(queue):
        print(row)


async def send(queue):
    gen = pages(queue)
    await gen.asend(None)


async def collect(queue):
    return [row async for row in rows(queue)]


async def main():
    queue = asyncio.Queue()
    for each in (show, send, collect):
        asyncio.create_task(each(queue), name=each.__name__)
    await asyncio.sleep(0.01)


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
