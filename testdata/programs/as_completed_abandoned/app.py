"""as_completed() is left at the first answer; the others go on."""
import asyncio


async def ask(name, seconds):
    asyncio.current_task().set_name(name)
    await asyncio.sleep(seconds)
    return name


async def main():
    for answer in asyncio.as_completed([ask("slow", 10), ask("fast", 0.01), ask("slower", 20)]):
        print(await answer)
        break


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
loop.run_until_complete(main())
loop.close()
