"""A loop is stepped by hand, one round at a time, between two frames of a game; no step of a task is inside another one."""
import asyncio


class Stepper:
    def __init__(self):
        self.loop = asyncio.new_event_loop()

    def start(self, coro):
        return self.loop.create_task(coro)

    def frame(self):
        self.loop.call_soon(self.loop.stop)
        self.loop.run_forever()

    def end(self):
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()


async def walk(name, steps):
    for _ in range(steps):
        await asyncio.sleep(0)
    return name


stepper = Stepper()
walkers = [stepper.start(walk("cat", 3)), stepper.start(walk("dog", 5))]
frames = 0
while not all(w.done() for w in walkers):
    stepper.frame()
    frames += 1
print([w.result() for w in walkers], frames)
stepper.end()
