"""A child forked by multiprocessing tidies up a loop that is its parent's."""
import asyncio
import multiprocessing


def child(loop):
    try:
        loop.close()
    except RuntimeError as exc:
        print("child:", exc)


async def ticker():
    while True:
        await asyncio.sleep(0.01)


async def main():
    tick = asyncio.create_task(ticker(), name="ticker")
    await asyncio.sleep(0)
    proc = multiprocessing.get_context("fork").Process(target=child, args=(asyncio.get_running_loop(),))
    proc.start()
    while proc.is_alive():
        await asyncio.sleep(0.01)
    tick.cancel()
    await asyncio.wait([tick])


asyncio.run(main())
