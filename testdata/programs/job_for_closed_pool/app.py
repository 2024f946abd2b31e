"""The last job goes to a thread pool behind the with statement that shut it down."""
import asyncio
import concurrent.futures


def digest(n):
    return n * n


async def main():
    loop = asyncio.get_running_loop()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        print(await loop.run_in_executor(pool, digest, 3))
    print(await loop.run_in_executor(pool, digest, 4))


asyncio.run(main())
