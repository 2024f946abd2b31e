"""Listeners wait for futures that only they refer to; the collector takes them, and the exception handler says nothing."""
import asyncio
import gc


async def listen(topic):
    message = await asyncio.get_running_loop().create_future()
    print("never printed", topic, message)


def subscribe(*topics):
    for topic in topics:
        asyncio.ensure_future(listen(topic))


async def main():
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    subscribe("orders", "stock")
    await asyncio.sleep(0.02)
    gc.collect()
    await asyncio.sleep(0.02)
    print("main done")


asyncio.run(main())
