"""The loop is closed before asyncio can close a generator that was left by break: its clean-up never runs."""
import asyncio


class Table:
    async def rows(self):
        try:
            for n in range(100):
                yield n
        finally:
            await asyncio.sleep(0.05)
            print("never printed")

    async def first(self):
        async for row in self.rows():
            if row == 2:
                break
        return row


def main(loop):
    return loop.run_until_complete(Table().first())


loop = asyncio.new_event_loop()
print(main(loop))
loop.close()
