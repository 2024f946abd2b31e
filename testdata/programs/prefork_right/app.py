"""Workers are forked first; each runs a loop of its own and leaves through os._exit()."""
import asyncio
import os


async def child(n):
    t = asyncio.create_task(asyncio.sleep(0.01))
    await t


def work(n):
    asyncio.run(child(n))
    return 0


pids = []
for n in range(2):
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = work(n)
        finally:
            os._exit(code)
    pids.append(pid)
for pid in pids:
    print(os.waitpid(pid, 0)[1])
