"""signal.signal() handler stops the loop while the main coroutine is at work."""
import asyncio
import os
import signal


def on_term(signum, frame):
    loop.stop()


async def job():
    await asyncio.sleep(20)


async def main():
    loop.call_later(0.02, os.kill, os.getpid(), signal.SIGTERM)
    await asyncio.gather(loop.create_task(job(), name="a"), loop.create_task(job(), name="b"))


loop = asyncio.new_event_loop()
signal.signal(signal.SIGTERM, on_term)
try:
    loop.run_until_complete(main())
finally:
    print("closing")
    loop.close()
