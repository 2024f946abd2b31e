"""An exception between the run and the close: the loop and its poller are left to the interpreter."""
import asyncio


async def poll():
    while True:
        await asyncio.sleep(3)


async def setup():
    asyncio.ensure_future(poll()).set_name("poll")
    await asyncio.sleep(0.01)
    return {}


def main():
    loop = asyncio.new_event_loop()
    settings = loop.run_until_complete(setup())
    print(settings["missing"])
    loop.close()


KEEP = []
try:
    main()
except KeyError as exc:
    KEEP.append(exc)
print("end")
