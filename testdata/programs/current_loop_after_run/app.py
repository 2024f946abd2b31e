"""After asyncio.run() the main thread has no current loop: a helper that asks for it fails."""
import asyncio


async def main():
    await asyncio.sleep(0)
    return [3, 1, 2]


async def save(rows):
    print(sorted(rows))


def flush(rows):
    loop = asyncio.get_event_loop()
    loop.run_until_complete(save(rows))


rows = asyncio.run(main())
try:
    flush(rows)
except RuntimeError as exc:
    print("not saved:", exc)
