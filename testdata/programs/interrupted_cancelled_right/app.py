"""Ctrl-C leaves the run; the program cancels the main task, lets it clean up, and runs the loop for its farewell."""
import asyncio
import signal


async def tick(log):
    try:
        await asyncio.gather(asyncio.sleep(10), asyncio.sleep(20))
    finally:
        await asyncio.sleep(0.01)
        log.append("cleaned up")


signal.signal(signal.SIGINT, signal.default_int_handler)
log = []
loop = asyncio.new_event_loop()
main = loop.create_task(tick(log))
loop.call_later(0.03, signal.raise_signal, signal.SIGINT)
try:
    loop.run_until_complete(main)
except KeyboardInterrupt:
    main.cancel()
    loop.run_until_complete(asyncio.wait([main]))
loop.run_until_complete(asyncio.sleep(0.01))
loop.close()
print(log)
