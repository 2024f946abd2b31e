"""Leave the garbage collector as it would be without us.

When a collection comes decides in which order tasks and coroutines that die together are finalised, and so what CPython
prints about them. It comes after a number of allocations, ours among them.
"""
import sys
from itertools import repeat

from .own import gc

WEIGHTS = 1000


class Ballast:
    """What is let go in exchange for what a hook leaves behind (memories, the frames that 3.10 keeps of every function that
    was called once), so that the next collection is as far away as before the hook."""

    def __init__(self):
        self.weights = [repeat(None) for _ in range(WEIGHTS)]  # of a type that the collector counts and nobody reuses

    def settle(self, before):
        """Makes up for the allocations since gc.get_count() was before. The collector must be off."""
        more = gc.get_count()[0] - before[0]
        if more > 0:
            del self.weights[-more:]
        elif len(self.weights) - more < WEIGHTS:
            self.weights += [repeat(None) for _ in range(-more)]


class Undisturbed:
    """A block in which no collection starts, and after which the next one is as far away as before it."""

    def __init__(self, keep):
        self.keep = keep

    def __enter__(self):
        self.enabled = gc.isenabled()
        gc.disable()
        self.counts = gc.get_count()

    def __exit__(self, *exc):
        try:
            if self.enabled:
                restore(self.counts, self.keep)
        finally:
            if self.enabled:
                gc.enable()


def restore(counts, keep):
    """Makes the next collections as far away as when gc.get_count() was counts.

    What was allocated since goes to the oldest generation: freeze() and unfreeze() move it there without a collection. The
    counts are made again, by collections of nothing and by objects that are put into keep.
    """
    if gc.callbacks or gc.get_freeze_count():
        return
    youngest, middle, oldest = counts
    gc.freeze()
    gc.unfreeze()
    if sys.version_info < (3, 14):  # the incremental collector counts otherwise
        for _ in range(min(oldest, 10)):
            gc.collect(1)
        for _ in range(min(middle, 12)):
            gc.collect(0)
    missing = youngest - gc.get_count()[0]
    if 0 < missing < 100000:
        keep.append([[] for _ in range(missing - 1)])
