"""asyncio.run() cancels a worker whose finally: fails; nobody awaits it any more."""
import asyncio


class Store:
    connection = None

    async def poll(self):
        try:
            while True:
                await asyncio.sleep(0.01)
        finally:
            self.connection.close()


async def main():
    worker = asyncio.create_task(Store().poll(), name="poller")
    await asyncio.sleep(0.03)
    print("main done", worker.done())


asyncio.run(main())
