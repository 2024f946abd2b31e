"""A feed reader that wants to stop after six entries, and closes the loop from inside it."""
import asyncio


async def poll(source, entries):
    number = 0
    while True:
        number += 1
        await entries.put(f"{source} {number}")
        await asyncio.sleep(0.01)


async def show(entries):
    for _ in range(6):
        print(await entries.get())
    asyncio.get_event_loop().close()


async def main():
    entries = asyncio.Queue()
    for source in ("news", "mail"):
        asyncio.ensure_future(poll(source, entries))
    await show(entries)


loop = asyncio.new_event_loop()
try:
    loop.run_until_complete(main())
finally:
    loop.close()
