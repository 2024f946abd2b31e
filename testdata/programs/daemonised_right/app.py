"""The parent opens a loop, forks and leaves; the child goes on with it alone, as daemons do. Another child has its own."""
import asyncio
import os


async def job():
    await asyncio.sleep(0.01)
    print("child of its own", flush=True)


loop = asyncio.new_event_loop()
pid = os.fork()
if pid == 0:
    asyncio.run(job())
    os._exit(0)
os.waitpid(pid, 0)
read, write = os.pipe()
if os.fork():
    os.close(write)
    os.read(read, 1)
    os._exit(0)
loop.run_until_complete(job())
loop.close()
