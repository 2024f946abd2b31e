"""One loop asks for replies that never come, and has lost count of the tasks that wait for them."""
import asyncio

waiting = set()


async def reply(number, replies):
    replies[number] = asyncio.get_running_loop().create_future()
    return await replies[number]


async def ask():
    replies = {}
    for number in range(50):
        waiting.add(asyncio.ensure_future(reply(number, replies)))
        await asyncio.sleep(0.002)
        if number % 5 == 0:
            replies[number].set_result("pong")


loop = asyncio.new_event_loop()
try:
    loop.run_until_complete(ask())
finally:
    print(sum(not task.done() for task in waiting), "replies missing")
    loop.close()
