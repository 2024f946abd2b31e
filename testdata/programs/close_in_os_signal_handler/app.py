"""signal.signal() handler closes the loop that is running."""
import asyncio
import signal


def on_alarm(signum, frame):
    try:
        loop.close()
    except RuntimeError as exc:
        print("handler:", exc)


async def main():
    await asyncio.sleep(0.6)


signal.signal(signal.SIGALRM, on_alarm)
signal.setitimer(signal.ITIMER_REAL, 0.2)
loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
