"""A forked child makes its own loop and closes it under a task; the parent is fine."""
import asyncio
import os


async def poll():
    await asyncio.sleep(10)


async def main():
    asyncio.create_task(poll(), name="poll")
    await asyncio.sleep(0)


asyncio.run(asyncio.sleep(0.001))
pid = os.fork()
if not pid:
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    loop.close()
    os._exit(0)
print(os.waitpid(pid, 0)[1])
