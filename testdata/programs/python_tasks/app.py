"""Tasks that are made directly: of the pure-Python class, and asyncio.Task itself."""
import asyncio


class T(asyncio.tasks._PyTask):
    pass


async def poll():
    await asyncio.sleep(10)


async def main():
    loop.a = T(poll(), loop=loop, name="py")
    loop.b = asyncio.Task(poll(), name="direct")
    await asyncio.sleep(0.01)


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
