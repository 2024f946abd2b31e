"""Ctrl-C interrupts a run; the program resumes it, lets it end, and closes."""
import asyncio
import signal


async def main():
    loop.call_later(0.02, signal.raise_signal, signal.SIGINT)
    await asyncio.sleep(0.05)
    return "resumed"


signal.signal(signal.SIGINT, signal.default_int_handler)
loop = asyncio.new_event_loop()
task = loop.create_task(main(), name="main")
try:
    loop.run_until_complete(task)
except KeyboardInterrupt:
    print(loop.run_until_complete(task))
finally:
    loop.close()
