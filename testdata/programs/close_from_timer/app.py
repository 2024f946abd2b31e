"""call_later(loop.close): the loop closes itself while it runs; nobody hears of it."""
import asyncio


async def main():
    asyncio.get_running_loop().call_later(0.01, loop.close)
    await asyncio.sleep(0.05)
    print("still here")


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
