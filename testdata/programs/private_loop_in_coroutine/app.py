"""A legacy helper opens a loop of its own under a running one; the helper's finally: closes it."""
import asyncio
import contextlib


async def resolve(name):
    return name + ".example"


def resolve_sync(name):
    with contextlib.closing(asyncio.new_event_loop()) as private:
        coro = resolve(name)
        try:
            return private.run_until_complete(coro)
        finally:
            coro.close()


async def main():
    try:
        print(resolve_sync("www"))
    except RuntimeError as exc:
        print(exc)


asyncio.run(main())
