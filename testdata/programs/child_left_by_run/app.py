"""Two helpers are started and forgotten; asyncio.run() closes the loop while they run."""
import asyncio
import os
import signal
import sys


class Helper:
    async def start(self):
        code = "import sys; sys.stdin.read()"
        self.process = await asyncio.create_subprocess_exec(sys.executable, "-S", "-c", code, stdin=asyncio.subprocess.PIPE)


async def main():
    for helper in helpers:
        await helper.start()
    await asyncio.sleep(0.05)


helpers = [Helper(), Helper()]
asyncio.run(main())
for helper in helpers:
    try:
        os.kill(helper.process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
print("helpers gone")
