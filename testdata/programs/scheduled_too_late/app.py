"""Tasks are made when the loop is about to stop: none of them takes a step."""
import asyncio


async def audit(what):
    print("audited", what)


def note(loop, what):
    loop.create_task(audit(what), name="audit-" + what)


async def main(loop):
    await asyncio.sleep(0.01)
    note(loop, "logout")


def run():
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(main(loop))
        note(loop, "exit")
    finally:
        loop.close()


run()
