"""After a fork parent and child run loops of their own; the child closes its loop under a task, the parent awaits its own."""
import asyncio
import os


async def poll():
    await asyncio.sleep(10)


async def in_child():
    asyncio.create_task(poll(), name="poll")
    await asyncio.sleep(0)


async def work(n):
    await asyncio.sleep(0.001 * n)
    return n


async def in_parent():
    tasks = [asyncio.create_task(work(n), name="work-%d" % n) for n in range(3)]
    print(sum(await asyncio.gather(*tasks)))


pid = os.fork()
if not pid:
    loop = asyncio.new_event_loop()
    loop.run_until_complete(in_child())
    loop.close()
    os._exit(0)
asyncio.run(in_parent())
print(os.waitpid(pid, 0)[1])
