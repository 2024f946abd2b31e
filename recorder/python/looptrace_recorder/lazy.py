"""Modules that are wanted only where a template has to be made: to import them takes longer than the rest of us."""
from .own import sys


class Lazy:
    """Stands for a module that is imported when something of it is wanted first, out of the program's sight."""

    def __init__(self, name):
        self.name = name

    def __getattr__(self, name):
        known = sys.modules
        before = set(known)
        __import__(self.name)
        self.__dict__.update(known[self.name].__dict__)
        for new in [n for n in list(known) if n not in before]:
            del known[new]
        return self.__dict__[name]


ast, copy = Lazy("ast"), Lazy("copy")
