"""Looks at a loop between its iterations: where its tasks are, and which timers nobody came to."""
from .facts import Facts
from .own import foreign
from .spool import IO_WAIT, IO_WAIT_ENDED, clock

LOOK = 0.1  # seconds between two looks at a loop that is busy
LATE = 0.05  # seconds: a timer that is overdue by more was kept waiting
LATENESS = 5000  # facts about it, and timers that are looked at


class Looks(Facts):
    """What is put before and behind the wait of a loop calls these."""

    def __init__(self, recording):
        super().__init__(recording)
        self.lateness = 0
        self.note_late = self.guarded(self.late)
        self.time = self.asyncio.base_events.BaseEventLoop.time  # a loop with a clock of its own has timers that we cannot judge

    def idle(self, loop, timeout):
        """The loop has nothing ready and is about to wait. Returns the seconds to wait before hanging() is wanted, or None."""
        try:
            spool = self.spool
            i = spool.next()
            now = clock()
            try:
                spool.values[i] = now
                spool.words[i] = IO_WAIT + self.threads.tag()
            except (IndexError, ValueError):
                spool.put(IO_WAIT + self.threads.tag(), now)
            due = self.live.due
            if now > due[0]:
                self.live.sample(loop, i)
            elif due[1] and (timeout is None or timeout > due[0] - now + due[1]):
                due[2:4] = (now, i)
                return due[0] - now + due[1]
        except Exception as exc:
            if foreign(exc):
                raise
        return None

    def hanging(self, loop, timeout):
        """The first part of a long wait is over and nothing came. Returns what is left of timeout."""
        try:
            _, _, began, position, _ = self.live.due
            if timeout is not None:
                timeout = max(0, timeout - (clock() - began))
            self.live.sample(loop, position, True)
        except Exception as exc:
            if foreign(exc):
                raise
        return timeout

    def sample(self, loop, position):
        try:
            self.live.sample(loop, position)
        except Exception as exc:
            if foreign(exc):
                raise

    def busy(self, loop):
        """An iteration of the loop begins, and it is some time since it was looked at."""
        try:
            now = clock()
            due = self.live.due
            self.spool.put(IO_WAIT_ENDED + self.threads.tag(), now)  # what follows has a time, and the step before an end
            scheduled = loop._scheduled
            if scheduled and now - scheduled[0]._when > LATE and type(loop).time is self.time:
                self.note_late(loop, now)
            if now > due[0]:
                self.live.sample(loop, -1)
            due[4] = min(due[0], now + LOOK)
        except Exception as exc:
            if foreign(exc):
                raise

    def late(self, loop, now):
        """Records that timers are overdue: nobody came to them, because a step took long or there were too many."""
        self.lateness += 1
        if self.lateness > LATENESS:
            return
        waits = [now - timer._when for timer in loop._scheduled[:LATENESS] if not timer._cancelled and now - timer._when > LATE]
        if waits:
            self.spool.fact(
                "loop_late", "loop=%d" % self.threads.loops(loop), "thread=%d" % self.threads.number(),
                "count=%d" % len(waits), "late_ns=%d" % min(max(waits) * 1e9, 1e18), "ready=%d" % len(loop._ready),
            )  # fmt: skip
