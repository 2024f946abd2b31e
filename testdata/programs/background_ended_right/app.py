"""asyncio.run() with background tasks that main() cancels, awaits, or merely cancels."""
import asyncio


async def beat():
    while True:
        await asyncio.sleep(0.005)


async def main():
    awaited = asyncio.create_task(beat())
    merely = asyncio.create_task(beat())
    kept = {asyncio.create_task(asyncio.sleep(0.01)) for _ in range(5)}
    for task in kept:
        task.add_done_callback(kept.discard)
    await asyncio.sleep(0.03)
    awaited.cancel()
    try:
        await awaited
    except asyncio.CancelledError:
        print("awaited", len(kept))
    merely.cancel()


asyncio.run(main())
