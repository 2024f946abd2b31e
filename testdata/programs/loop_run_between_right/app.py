"""Synchronous code runs the loop several times, one after the other, and a thread waits for a coroutine of it."""
import asyncio


async def fetch(n):
    await asyncio.sleep(0.01)
    return n


def blocking(loop):
    return asyncio.run_coroutine_threadsafe(fetch(3), loop).result()


async def main():
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, blocking, loop)


loop = asyncio.new_event_loop()
print(loop.run_until_complete(fetch(1)), loop.run_until_complete(fetch(2)), loop.run_until_complete(main()))
loop.close()
