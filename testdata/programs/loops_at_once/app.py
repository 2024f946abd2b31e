"""Eight threads run a loop each at the same time; only the last one closed is closed under its tasks."""
import asyncio
import threading


async def leaf(n):
    await asyncio.sleep(10)


async def branch(n):
    asyncio.get_running_loop().leaf = asyncio.create_task(leaf(n), name="leaf-%d" % n)
    await asyncio.sleep(0.01)


async def main(n):
    await asyncio.create_task(branch(n), name="branch-%d" % n)


def body(n):
    loop = asyncio.new_event_loop()
    gate.wait()
    loop.run_until_complete(main(n))
    if n == 7:
        last.wait()
    else:
        loop.leaf.cancel()
        loop.run_until_complete(asyncio.wait([loop.leaf]))
    loop.close()


gate, last = threading.Event(), threading.Event()
threads = [threading.Thread(target=body, args=(n,), name="loop-%d" % n) for n in range(8)]
for thread in threads:
    thread.start()
gate.set()
for thread in threads[:7]:
    thread.join()
last.set()
