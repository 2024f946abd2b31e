import asyncio

from .engine import shut, start

loop = asyncio.new_event_loop()
loop.run_until_complete(start())
shut(loop)
