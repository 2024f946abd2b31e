"""A program shuts its default executor down, and writes its report in a thread afterwards."""
import asyncio


def write(text):
    return len(text)


async def report(text):
    loop = asyncio.get_running_loop()
    try:
        await loop.run_in_executor(None, write, text)
    except RuntimeError as exc:
        print("no report:", exc)


async def main():
    loop = asyncio.get_running_loop()
    print(await loop.run_in_executor(None, write, "start"))
    await loop.shutdown_default_executor()
    await report("end")


asyncio.run(main())
