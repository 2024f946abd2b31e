"""Each worker thread enters its loop with a with statement and dies of it."""
import asyncio
import threading


async def ping(host):
    await asyncio.sleep(0.01)
    return host + " up"


class Pinger(threading.Thread):
    def __init__(self, host):
        super().__init__(name="ping-" + host)
        self.host = host
        self.result = None

    def run(self):
        loop = asyncio.new_event_loop()
        with loop:
            self.result = loop.run_until_complete(ping(self.host))


pingers = [Pinger(h) for h in ("db", "web")]
for p in pingers:
    p.start()
for p in pingers:
    p.join()
print([p.result for p in pingers])
