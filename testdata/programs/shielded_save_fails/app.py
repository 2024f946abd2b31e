"""A shielded save goes on after the request's timeout and fails; nobody is left to hear of it."""
import asyncio


class Documents:
    def __init__(self):
        self.saved = []

    async def save(self, name):
        await asyncio.sleep(0.06)
        if name.startswith("/"):
            raise ValueError("absolute path")
        self.saved.append(name)


async def request(documents, name):
    try:
        await asyncio.wait_for(asyncio.shield(documents.save(name)), 0.02)
    except asyncio.TimeoutError:
        return "202 accepted"
    return "201 created"


async def main():
    documents = Documents()
    print(await asyncio.gather(request(documents, "a"), request(documents, "/b")))
    await asyncio.sleep(0.1)
    print(documents.saved)


asyncio.run(main())
