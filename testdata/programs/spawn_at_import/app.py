"""A module-level service starts its task when it is made, before any loop runs; the error ends the program."""
import asyncio


class Service:
    def start(self):
        return asyncio.create_task(self.poll())

    async def poll(self):
        while True:
            await asyncio.sleep(1)


def main():
    service = Service()
    service.start()
    asyncio.run(service.poll())


main()
