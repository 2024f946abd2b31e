"""Ctrl-C leaves the run; main is not done by that, and goes on as a passenger of the next run."""
import asyncio
import signal


async def tick(log):
    for n in range(20):
        await asyncio.sleep(0.01)
        log.append(n)


async def report(log):
    before = len(log)
    await asyncio.sleep(0.1)
    print("still ticking:", len(log) > before)


signal.signal(signal.SIGINT, signal.default_int_handler)
log = []
loop = asyncio.new_event_loop()
loop.call_later(0.03, signal.raise_signal, signal.SIGINT)
try:
    loop.run_until_complete(tick(log))
except KeyboardInterrupt:
    print("interrupted")
loop.run_until_complete(report(log))
loop.run_until_complete(asyncio.sleep(0.8))
loop.close()
