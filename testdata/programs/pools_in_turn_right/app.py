"""Pools that are shut down when their last job is done, the default one included."""
import asyncio
import concurrent.futures


async def main():
    loop = asyncio.get_running_loop()
    print(await loop.run_in_executor(None, len, "abc"))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        print(await loop.run_in_executor(pool, len, "ab"))
    pool.shutdown()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        print(await loop.run_in_executor(pool, len, "a"))


asyncio.run(main())
