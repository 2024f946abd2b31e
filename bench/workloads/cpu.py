"""Work between the steps: 25 tasks that encode a document and yield, 16 times N."""
import asyncio
import json

import timed

DOCUMENT = {"items": [{"id": i, "name": "item %d" % i, "tags": ["a", "b", "c"], "price": i * 1.25} for i in range(12)]}


async def worker(rounds):
    for _ in range(rounds):
        json.dumps(DOCUMENT)
        await asyncio.sleep(0)


async def main(rounds):
    await asyncio.gather(*[worker(16 * rounds) for _ in range(25)])


if __name__ == "__main__":
    timed.run(main)
