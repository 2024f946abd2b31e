"""A coroutine closes the uvloop loop that runs it."""
import asyncio

import uvloop


async def main():
    loop = asyncio.get_running_loop()
    try:
        loop.close()
    except RuntimeError as exc:
        print(exc)
    await asyncio.sleep(0.01)


loop = uvloop.new_event_loop()
loop.run_until_complete(main())
loop.close()
