import asyncio


async def pull():
    await asyncio.sleep(10)


async def start():
    asyncio.create_task(pull(), name="pull")
    await asyncio.sleep(0.01)


def shut(loop):
    loop.close()
