"""stop() cancels the consumer, and once more, because suppress() around each get() lets nothing through."""
import asyncio
import contextlib


async def consume(queue):
    while True:
        with contextlib.suppress(asyncio.CancelledError):
            item = await queue.get()
            if item is None:
                return


async def stop(task, queue):
    for _ in range(2):
        task.cancel()
        await asyncio.wait([task], timeout=0.05)
    queue.put_nowait(None)
    await task


async def main():
    queue = asyncio.Queue()
    task = asyncio.create_task(consume(queue), name="consumer")
    await asyncio.sleep(0.05)
    await stop(task, queue)


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
