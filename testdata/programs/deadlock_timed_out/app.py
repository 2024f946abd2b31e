"""Workers take two locks with acquire() in opposite order; a timeout gives up on them and the program goes on."""
import asyncio


async def work(first, second, pause):
    await first.acquire()
    try:
        await asyncio.sleep(pause)
        await second.acquire()
        second.release()
    finally:
        first.release()


async def main():
    a, b = asyncio.Lock(), asyncio.Lock()
    both = asyncio.gather(work(a, b, 0.02), work(b, a, 0.03), return_exceptions=True)
    try:
        await asyncio.wait_for(both, 0.4)
    except asyncio.TimeoutError:
        print("gave up")
    await asyncio.sleep(0.05)
    print("going on")


asyncio.run(main())
