"""A future of one loop is given to gather() in another, which refuses it with ValueError."""
import asyncio


async def collect(pending):
    own = asyncio.get_running_loop().create_future()
    own.set_result(42)
    try:
        await asyncio.gather(own, pending)
    except ValueError:
        print("refused")


server = asyncio.new_event_loop()
pending = server.create_future()
client = asyncio.new_event_loop()
client.run_until_complete(collect(pending))
client.close()
server.close()
