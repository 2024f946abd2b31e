"""One of three transfers fails and is reported; the others go on behind the back of the program until the end cuts them."""
import asyncio


async def transfer(part):
    await asyncio.sleep(0.01)
    if part == 1:
        raise OSError("connection reset")
    for n in range(100):
        await asyncio.sleep(0.02)


async def main():
    try:
        await asyncio.gather(transfer(0), transfer(1), transfer(2))
    except OSError as exc:
        print("nothing was transferred:", exc)
    await asyncio.sleep(0.2)


asyncio.run(main())
