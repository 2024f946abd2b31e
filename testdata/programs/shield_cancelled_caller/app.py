"""The caller is cancelled while it awaits shield(); what was shielded lives on."""
import asyncio


async def commit(tx):
    await asyncio.sleep(10)


async def request():
    await asyncio.shield(asyncio.ensure_future(commit("tx")))


async def main():
    req = asyncio.create_task(request(), name="request")
    await asyncio.sleep(0.01)
    for task in asyncio.all_tasks():
        if task is not asyncio.current_task() and task is not req:
            task.set_name("commit")
    req.cancel()
    await asyncio.wait([req])


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
