"""Work is handed to a loop before it runs and between two runs, and it is told to stop once too often: all is done."""
import asyncio
import threading


async def answer():
    return 42


loop = asyncio.new_event_loop()
future = asyncio.run_coroutine_threadsafe(answer(), loop)
loop.call_soon_threadsafe(print, "first")
thread = threading.Thread(target=loop.run_forever)
thread.start()
print(future.result())
loop.call_soon_threadsafe(loop.stop)
thread.join()
loop.call_soon_threadsafe(print, "between")
loop.run_until_complete(answer())
loop.call_soon_threadsafe(loop.stop)
loop.close()
