"""A health check that fails stops the loop under run_until_complete()."""
import asyncio


class Service:
    async def watch(self):
        await asyncio.sleep(0.02)
        self.give_up()

    def give_up(self):
        asyncio.get_running_loop().stop()

    async def serve(self):
        asyncio.current_task().set_name("serve")
        self.check = asyncio.ensure_future(self.watch())
        while True:
            await asyncio.sleep(5)


loop = asyncio.new_event_loop()
try:
    loop.run_until_complete(Service().serve())
except RuntimeError as exc:
    print("error:", exc)
loop.close()
