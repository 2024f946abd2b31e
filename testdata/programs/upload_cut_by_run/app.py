"""asyncio.run() cuts an upload that a request handler started, and nobody says so."""
import asyncio


async def upload(name):
    await asyncio.sleep(3)
    print("uploaded", name)


async def handler(n):
    if n == 1:
        asyncio.get_running_loop().create_task(upload("photo"), name="upload")
    await asyncio.sleep(0)


async def main():
    for n in range(3):
        await asyncio.create_task(handler(n), name="handler-%d" % n)
    await asyncio.sleep(0.01)


asyncio.run(main())
