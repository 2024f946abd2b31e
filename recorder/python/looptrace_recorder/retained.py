"""Done tasks that are still there at the end: somebody keeps them in a list or set that only grows."""
from .facts import Facts

MANY = 100  # as few as these are nothing to tell
LISTED = 64  # tasks named per coroutine


class Retained(Facts):
    """Counts done tasks once, when the process ends. What is in a reference cycle that no collection has met yet counts too."""

    def moment(self, kind, loop, number):
        if kind != "end":
            return
        done = {}
        for task in self.live.registry.tasks():
            if self.live.done(task):
                code = getattr(self.live.coro(task), "cr_code", None)
                done.setdefault(id(code), []).append("@%x" % id(task))
        for tasks in done.values():
            if len(tasks) >= MANY:
                self.spool.fact("retained_tasks", "count=%d" % len(tasks), "tasks=" + ",".join(tasks[:: max(1, len(tasks) // LISTED)]))
