"""Tasks around gather() and around other tasks are cancelled; the loop stops before that has come back to them."""
import asyncio


async def leaf():
    await asyncio.sleep(10)


async def fan_out():
    await asyncio.gather(leaf(), asyncio.gather(leaf()))


async def follow(task):
    await task


async def main():
    fan = asyncio.create_task(fan_out(), name="fan")
    follower = asyncio.create_task(follow(asyncio.create_task(fan_out(), name="inner")), name="follower")
    await asyncio.sleep(0.01)
    fan.cancel()
    follower.cancel()


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
