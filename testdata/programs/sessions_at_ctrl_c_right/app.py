"""Ctrl-C while thirty sessions are open, each of which came at its own time: asyncio.run() cancels them, as it should."""
import asyncio
import signal


async def session(inbox):
    while True:
        await inbox.get()


async def accept():
    inboxes = []
    while True:
        inboxes.append(asyncio.Queue())
        asyncio.ensure_future(session(inboxes[-1]))
        await asyncio.sleep(0.003)
        if len(inboxes) == 30:
            signal.raise_signal(signal.SIGINT)


signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    asyncio.run(accept())
except KeyboardInterrupt:
    print("bye")
