"""Of two tasks that fail on uvloop one is looked at, the other one is not."""
import asyncio

import uvloop

kept = []


async def fails():
    await asyncio.sleep(0.001)
    raise ValueError


async def main():
    kept.append(asyncio.ensure_future(fails()))
    try:
        await asyncio.ensure_future(fails())
    except ValueError:
        print("caught")


loop = uvloop.new_event_loop()
loop.run_until_complete(main())
loop.close()
