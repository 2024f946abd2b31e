"""Ctrl-C on a manual loop, with a drain in the finally:."""
import asyncio
import signal


async def worker():
    while True:
        await asyncio.sleep(1)


async def main():
    asyncio.create_task(worker())
    await asyncio.sleep(10)


signal.signal(signal.SIGINT, signal.default_int_handler)
loop = asyncio.new_event_loop()
loop.call_later(0.02, signal.raise_signal, signal.SIGINT)
try:
    loop.run_until_complete(main())
except KeyboardInterrupt:
    print("stopping")
finally:
    pending = asyncio.all_tasks(loop)
    for task in pending:
        task.cancel()
    loop.run_until_complete(asyncio.wait(pending))
    loop.close()
