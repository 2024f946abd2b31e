"""Tasks from a lambda, a generator expression, a nested function, a callback and a class's __init__."""
import asyncio


async def nap():
    await asyncio.get_running_loop().create_future()


def named(name):
    return asyncio.get_running_loop().create_task(nap(), name=name)


class Job:
    def __init__(self, name):
        self.task = asyncio.get_running_loop().create_task(nap(), name=name)


async def main():
    def nested():
        return asyncio.get_running_loop().create_task(nap(), name="nested")

    create = loop.create_task
    spawn = lambda name: create(nap(), name=name)  # noqa: E731
    loop.kept = [spawn("lambda"), nested(), Job("init"), *(create(nap(), name="genexp") for _ in "1")]
    loop.call_soon(lambda: loop.kept.append(named("callback")))
    loop.call_later(0.005, lambda: loop.kept.append(named("timer")))
    await asyncio.sleep(0.03)


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
