"""Ctrl-C is expected: main catches the cancellation by name, says so, and takes its time to stop."""
import asyncio
import signal


async def main():
    asyncio.get_running_loop().call_later(0.05, signal.raise_signal, signal.SIGINT)
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        print("stopping")
    await asyncio.sleep(0.7)
    print("stopped")


signal.signal(signal.SIGINT, signal.default_int_handler)
asyncio.run(main())
