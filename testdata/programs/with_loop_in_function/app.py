"""An event loop in a with statement, in a function of a class."""
import asyncio


class App:
    def __init__(self):
        self.event_loop = asyncio.new_event_loop()

    async def main(self):
        print("never")

    def run(self):
        with self.event_loop as running:
            running.run_until_complete(self.main())


App().run()
