"""A lock and a queue per run, and text of tasks asked for everywhere: each belongs to its own loop."""
import asyncio


class Loop(asyncio.SelectorEventLoop):
    def call_soon(self, callback, *args, **kwargs):
        task = asyncio.current_task(self) if self.is_running() else None
        str(task), str(callback), str(args)
        return super().call_soon(callback, *args, **kwargs)


async def update(lock, n):
    async with lock:
        await asyncio.sleep(0.001)
    return n


async def main():
    lock = asyncio.Lock()
    tasks = [asyncio.create_task(update(lock, n)) for n in range(3)]
    for task in tasks:
        task.add_done_callback(lambda done: str(asyncio.all_tasks()))
    str(tasks), str(asyncio.current_task())
    other = asyncio.new_event_loop()
    str(other.create_future())
    other.close()
    return await asyncio.gather(*tasks)


for debug in (False, True):
    loop = Loop()
    loop.set_debug(debug)
    print(loop.run_until_complete(main()))
    loop.close()
