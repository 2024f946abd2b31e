"""A connection is given back twice: the BoundedSemaphore says so, and the program logs it and goes on."""
import asyncio


class Pool:
    def __init__(self, size):
        self.free = asyncio.BoundedSemaphore(size)

    async def use(self):
        await self.free.acquire()
        try:
            await asyncio.sleep(0)
        except OSError:
            pass
        finally:
            self.give_back()

    def give_back(self):
        self.free.release()


async def main():
    pool = Pool(2)
    await pool.use()
    try:
        pool.give_back()
    except ValueError as exc:
        print(exc)


asyncio.run(main())
