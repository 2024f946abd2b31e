"""Ctrl-C leaves run_forever(); the finally: closes the loop under its consumers."""
import asyncio
import signal


async def consume(queue):
    while True:
        print("job", await queue.get())


async def start(n):
    queue = asyncio.Queue()
    loop.consumers = [loop.create_task(consume(queue), name="consumer-%d" % i) for i in range(n)]


signal.signal(signal.SIGINT, signal.default_int_handler)
loop = asyncio.new_event_loop()
loop.run_until_complete(start(2))
loop.call_later(0.03, signal.raise_signal, signal.SIGINT)
try:
    loop.run_forever()
except KeyboardInterrupt:
    print("interrupted")
finally:
    loop.close()
