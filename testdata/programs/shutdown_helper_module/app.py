"""A helper module cancels the tasks and closes the loop at once: no task gets to know."""
import asyncio

import lifecycle


async def subscriber(topic, ready):
    ready.set()
    await asyncio.sleep(3600)


async def main():
    for topic in ("news", "mail"):
        ready = asyncio.Event()
        asyncio.create_task(subscriber(topic, ready), name=topic)
        await ready.wait()


def cli():
    loop = lifecycle.start()
    loop.run_until_complete(main())
    lifecycle.finish(loop)


cli()
