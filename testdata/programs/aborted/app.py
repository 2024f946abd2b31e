"""os.abort() in a coroutine, as an assertion in a C extension would."""
import asyncio
import os
import resource


async def other():
    await asyncio.get_running_loop().create_future()


async def main():
    asyncio.current_task().set_name("main")
    task = asyncio.create_task(other(), name="other")
    await asyncio.sleep(0.01)
    os.abort()
    await task


resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
asyncio.run(main())
