"""Two tasks await each other; at the end of asyncio.run() cancelling them recurses without end."""
import asyncio

tasks = {}


async def download():
    await asyncio.sleep(0.01)
    return await tasks["report"]


async def report():
    await asyncio.sleep(0.03)
    return await tasks["download"]


async def main():
    tasks["download"] = asyncio.create_task(download(), name="download")
    tasks["report"] = asyncio.create_task(report(), name="report")
    await asyncio.sleep(0.2)
    print("main is done")


asyncio.run(main())
