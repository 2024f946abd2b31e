"""A watchdog thread closes the loop that the main thread is running."""
import asyncio
import threading


def watchdog(loop, quit):
    quit.wait(0.02)
    try:
        loop.close()
    except RuntimeError as exc:
        print("watchdog:", exc)
    loop.call_soon_threadsafe(done.set)


async def main():
    global done
    done = asyncio.Event()
    thread = threading.Thread(target=watchdog, args=(asyncio.get_running_loop(), threading.Event()), name="watchdog")
    thread.start()
    await done.wait()
    thread.join()


asyncio.run(main())
