"""A synchronous facade calls asyncio.run(); somebody calls the facade from a coroutine."""
import asyncio


async def query(sql):
    await asyncio.sleep(0)
    return sql


class Database:
    def query(self, sql):
        return asyncio.run(query(sql))


async def page():
    return Database().query("select 1")


async def main():
    try:
        await asyncio.create_task(page(), name="page")
    except RuntimeError as exc:
        print("500", exc)


print(Database().query("select 2"))
asyncio.run(main())
