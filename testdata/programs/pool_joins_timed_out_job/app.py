"""The lookup is given up after its timeout, and the end of the with block then waits for its thread all the same."""
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

answered = threading.Event()


class Resolver:
    def ask(self, host):
        answered.wait(1.2)
        return host


async def resolve(pool, host):
    loop = asyncio.get_running_loop()
    try:
        return await asyncio.wait_for(loop.run_in_executor(pool, Resolver().ask, host), 0.05)
    except asyncio.TimeoutError:
        return None


def main():
    with ThreadPoolExecutor(max_workers=1) as pool:
        print("address:", asyncio.run(resolve(pool, "db.example")))


main()
print("end")
