"""Two threads run the same loop; the second is refused."""
import asyncio
import threading


def spin():
    try:
        loop.run_forever()
    except RuntimeError as exc:
        print(exc)
    loop.call_soon_threadsafe(loop.stop)


loop = asyncio.new_event_loop()
started = threading.Event()
loop.call_soon(started.set)
first = threading.Thread(target=loop.run_forever, name="first")
first.start()
started.wait()
second = threading.Thread(target=spin, name="second")
second.start()
second.join()
first.join()
loop.close()
