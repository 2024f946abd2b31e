"""Refusals that the program expects, named in a handler or suppressed, each handled for good."""
import asyncio
import contextlib
import threading


def current_loop():
    try:
        return asyncio.get_event_loop()
    except RuntimeError:
        return None


class Notes:
    def __init__(self):
        self.kept = []

    async def write(self, text):
        self.kept.append(text)

    def add(self, text):
        coro = self.write(text)
        try:
            asyncio.create_task(coro)
        except RuntimeError:
            coro.close()
            self.kept.append(text)


async def main(notes):
    notes.add("inside")
    lock = asyncio.Lock()
    with contextlib.suppress(RuntimeError):
        lock.release()
    await asyncio.sleep(0)
    print(notes.kept)


notes = Notes()
notes.add("outside")
thread = threading.Thread(target=lambda: print(current_loop()))
thread.start()
thread.join()
asyncio.run(main(notes))
