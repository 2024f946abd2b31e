"""Child processes that end, are ended, or are killed after a timeout; each is waited for."""
import asyncio
import sys


def start(code, **pipes):
    return asyncio.create_subprocess_exec(sys.executable, "-S", "-c", code, **pipes)


async def main():
    talks = await start("print(input()[::-1])", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    out, _ = await talks.communicate(b"abc\n")
    print(out.decode().strip())
    sleeps = await start("import time; time.sleep(30)")
    sleeps.terminate()
    print(await sleeps.wait())
    hangs = await start("import time; time.sleep(30)")
    try:
        await asyncio.wait_for(hangs.wait(), 0.05)
    except asyncio.TimeoutError:
        hangs.kill()
        await hangs.wait()
    shell = await asyncio.create_subprocess_shell("exit 3")
    while shell.returncode is None:
        await asyncio.sleep(0.01)
    print(shell.returncode)


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
loop.run_until_complete(main())
loop.close()
