"""A task holds a lock and awaits a helper that needs it; a watchdog stops the loop and it is closed."""
import asyncio


async def helper(lock):
    async with lock:
        return 1


async def main():
    lock = asyncio.Lock()
    async with lock:
        task = asyncio.ensure_future(helper(lock))
        print(await task)


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
loop.create_task(main())
loop.call_later(0.2, loop.stop)
loop.run_forever()
loop.close()
