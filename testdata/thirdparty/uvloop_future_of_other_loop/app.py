"""A future of one uvloop loop is awaited in another."""
import uvloop

first, second = uvloop.new_event_loop(), uvloop.new_event_loop()
answer = first.create_future()


async def main():
    try:
        await answer
    except RuntimeError as exc:
        print("attached to a different loop" in str(exc))


second.run_until_complete(main())
first.close()
second.close()
