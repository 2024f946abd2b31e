"""A connection closes itself with a task in __del__; it is collected when no loop runs any more."""
import asyncio


class Connection:
    def __init__(self, log):
        self.log = log

    def __del__(self):
        asyncio.create_task(self.aclose(self.log))

    @staticmethod
    async def aclose(log):
        log.append("closed")


async def main():
    return Connection([])


connection = asyncio.run(main())
log = connection.log
del connection
print(log)
