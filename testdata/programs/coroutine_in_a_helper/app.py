"""A helper makes a coroutine, keeps it in a variable and forgets it; the same coroutine function is awaited elsewhere."""
import asyncio


class Audit:
    def __init__(self):
        self.entries = []

    async def write(self, entry):
        await asyncio.sleep(0)
        self.entries.append(entry)

    def note(self, entry):
        writing = self.write(entry)
        return entry.upper()


async def main():
    audit = Audit()
    print(audit.note("start"))
    await audit.write("stop")
    print(audit.entries)


asyncio.run(main())
