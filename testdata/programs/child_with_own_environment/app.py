"""A launcher without asyncio starts the program with an environment of its own, as reloaders do."""
import os
import subprocess
import sys

if len(sys.argv) == 1:
    sys.exit(subprocess.run([sys.executable, __file__, "child"], env={**os.environ, "RELOADED": "1"}).returncode)

import asyncio  # noqa: E402


async def poll():
    await asyncio.sleep(10)


async def main():
    asyncio.create_task(poll(), name="poll")
    await asyncio.sleep(0)


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
