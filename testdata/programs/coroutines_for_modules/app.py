"""Warnings are off, and a module keeps coroutines that nobody runs until the interpreter takes it apart."""
import asyncio
import warnings

warnings.simplefilter("ignore")


async def refresh(table):
    await asyncio.sleep(0)
    print("never printed", table)


async def main():
    await asyncio.sleep(0)
    print("main done")


nightly = [refresh("users")]
asyncio.run(main())
