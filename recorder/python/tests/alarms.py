"""Raises exceptions from a signal handler at any moment of its loops, and counts those that never come out."""
import asyncio
import gc
import logging
import signal
import sys
import time
import warnings

warnings.simplefilter("ignore")
raised = seen = 0


class Alarm(TimeoutError):
    pass


def handler(number, frame):
    global raised
    raised += 1
    raise Alarm


def count(exc):
    global seen
    seen += isinstance(exc, Alarm)


async def child():
    await asyncio.sleep(0)


async def main(end):
    loop = asyncio.get_running_loop()
    while time.perf_counter() < end:
        try:
            for task in [loop.create_task(child()) for _ in range(20)]:
                try:
                    await task
                except Alarm as exc:
                    count(exc)
        except Alarm as exc:
            count(exc)


def once():
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _, context: count(context.get("exception")))
    loop.call_later(0.02, loop.stop)  # an alarm may have cost a task its wake-up
    signal.setitimer(signal.ITIMER_REAL, 0.0015)
    try:
        loop.run_until_complete(main(time.perf_counter() + 0.003))
    except RuntimeError:
        pass
    except Alarm as exc:
        count(exc)
    signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        loop.close()
    except RuntimeError:
        pass  # an alarm ended it before it had noted that it no longer runs


logging.disable()
sys.unraisablehook = lambda u: count(u.exc_value)
signal.signal(signal.SIGALRM, handler)
begun = time.time()
while time.time() < begun + 0.7 or raised <= 50 and time.time() < begun + 30:  # a busy machine has few alarms in a second
    try:
        once()
    except Alarm as exc:
        count(exc)
signal.setitimer(signal.ITIMER_REAL, 0)
gc.collect()
# One or two are lost without us: what calls a weak reference's callback, for one, has nobody to tell.
print("alarms", raised > 50, "lost", raised - seen > raised // 20)
