"""A child's sys.exit() ends the run; its group brings the same exception out as it is cancelled at shutdown."""
import asyncio
import sys


async def quits():
    await asyncio.sleep(0.01)
    sys.exit(4)


async def group(*children):
    tasks = [asyncio.create_task(child) for child in children]
    try:
        await asyncio.sleep(5)
    finally:
        raise BaseExceptionGroup("children failed", [task.exception() for task in tasks])


asyncio.run(group(quits()))
