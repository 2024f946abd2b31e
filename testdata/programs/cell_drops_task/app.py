"""The code of a notebook cell makes a task, runs the loop and closes it."""
import asyncio
import linecache

TEXT = """async def poll():
    await asyncio.sleep(10)

async def start():
    asyncio.create_task(poll(), name="poll")
    await asyncio.sleep(0)

loop.run_until_complete(start())
loop.close()
"""
linecache.cache["<cell 1>"] = (len(TEXT), None, TEXT.splitlines(True), "<cell 1>")
loop = asyncio.new_event_loop()
exec(compile(TEXT, "<cell 1>", "exec"))
