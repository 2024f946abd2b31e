"""A generator that was left half way fails when asyncio.run() closes it."""
import asyncio

kept = []


async def rows(connection):
    try:
        for n in range(100):
            yield n
    finally:
        connection.close()


async def main():
    kept.append(rows(None))
    async for row in kept[0]:
        break
    print("main done")


asyncio.run(main())
