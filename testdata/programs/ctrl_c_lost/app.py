"""Ctrl-C in the middle of the downloads: the catch-all around each of them takes it for a failed one, exit code 0."""
import asyncio
import signal


async def download(n):
    await asyncio.sleep(0.1)
    return n


async def main():
    asyncio.get_running_loop().call_later(0.15, signal.raise_signal, signal.SIGINT)
    for n in range(5):
        try:
            print("got", await download(n))
        except BaseException as exc:
            print("failed:", type(exc).__name__)
    print("all done")


signal.signal(signal.SIGINT, signal.default_int_handler)
asyncio.run(main())
