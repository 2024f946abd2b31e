"""Code that works with a loop and without one: it asks for the running loop, and answers "none" by running one."""
import asyncio
import threading


async def job(n):
    await asyncio.sleep(0)
    return n


def running():
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def spawn_or_run(coro):
    try:
        return asyncio.create_task(coro)
    except RuntimeError:
        return asyncio.run(coro)


def loop_of_thread():
    try:
        return asyncio.get_event_loop()
    except RuntimeError:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        return loop


def loop_for_later():
    loop = None
    try:
        loop = asyncio.get_event_loop()
    except RuntimeError:
        pass
    if loop is None:
        loop = asyncio.new_event_loop()
    return loop


def worker(make):
    loop = make()
    print(loop.run_until_complete(job(2)))
    loop.close()


async def main():
    print(await spawn_or_run(job(3)), running() is None)


print(running(), spawn_or_run(job(1)))
for make in loop_of_thread, loop_for_later:
    thread = threading.Thread(target=worker, args=(make,))
    thread.start()
    thread.join()
asyncio.run(main())
