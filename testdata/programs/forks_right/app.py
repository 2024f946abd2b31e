"""Children of every kind while a loop runs: fork, spawn, os.fork() with os._exit(), each with no loop or its own."""
import asyncio
import multiprocessing
import os


async def answer():
    await asyncio.sleep(0.001)
    return 42


def child(queue):
    queue.put(asyncio.run(answer()))


async def main():
    loop = asyncio.get_running_loop()
    context = multiprocessing.get_context("spawn")
    queue = context.SimpleQueue()
    proc = context.Process(target=child, args=(queue,))
    proc.start()
    print("spawn", await loop.run_in_executor(None, queue.get))
    await loop.run_in_executor(None, proc.join)
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    print(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    proc = context.Process(target=child, args=(queue,))
    proc.start()
    print("fork", queue.get())
    proc.join()
    asyncio.run(main())
