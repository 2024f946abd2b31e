"""An object that owns the loop is collected while the loop runs; its __del__ closes the loop."""
import asyncio


class Engine:
    def __init__(self):
        self.loop = asyncio.get_running_loop()

    def __del__(self):
        self.loop.close()


async def step():
    await asyncio.sleep(0)


async def main():
    engine = Engine()
    await step()
    del engine
    print("engine gone")


def run():
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    loop.close()


run()
