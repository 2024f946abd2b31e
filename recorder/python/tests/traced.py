"""Prints what a tracing tool (coverage, a debugger) sees of files outside of the standard library: its own only."""
import os
import sys

library = os.path.dirname(os.__file__)
seen = set()


def trace(frame, event, arg):
    file = frame.f_code.co_filename
    # Tools pass over names like <frozen importlib>: there is no file.
    if not file.startswith(("<", library)):
        seen.add((file, frame.f_code.co_name, frame.f_code.co_firstlineno))


sys.settrace(trace)
import asyncio  # noqa: E402
import threading  # noqa: E402


async def child(n):
    await asyncio.sleep(0.001 * n)


async def main():
    lock = asyncio.Lock()
    async with lock:
        await asyncio.gather(*[child(n) for n in range(3)], return_exceptions=True)
    try:
        await asyncio.wait_for(asyncio.Event().wait(), 0.001)
    except asyncio.TimeoutError:
        pass
    asyncio.create_task(child(1000))


threading.settrace(trace)
asyncio.run(main())
thread = threading.Thread(target=lambda: asyncio.run(child(1)))
thread.start()
thread.join()
sys.settrace(None)
print(*sorted(seen), sep="\n")
