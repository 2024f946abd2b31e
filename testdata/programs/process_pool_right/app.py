"""A process pool under a running loop; the workers run loops of their own."""
import asyncio
import concurrent.futures
import multiprocessing


async def double(n):
    await asyncio.sleep(0.001)
    return 2 * n


def work(n):
    return asyncio.run(double(n))


async def main():
    loop = asyncio.get_running_loop()
    with concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("forkserver")) as pool:
        print(await asyncio.gather(*(loop.run_in_executor(pool, work, n) for n in range(4))))


if __name__ == "__main__":
    asyncio.run(main())
