import asyncio


def start():
    return asyncio.new_event_loop()


def finish(loop):
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.close()
