"""A start-up helper puts the loop into a with statement; a catch-all prints the error and falls back to defaults."""
import asyncio

DEFAULTS = {"level": "info"}


async def remote_settings():
    await asyncio.sleep(0.01)
    return {"level": "debug"}


def load(timeout=1.0):
    try:
        with asyncio.new_event_loop() as loop:
            return loop.run_until_complete(asyncio.wait_for(remote_settings(), timeout))
    except Exception as exc:
        print("using defaults:", type(exc).__name__)
        return dict(DEFAULTS)


settings = load()
print(settings["level"])
