"""Modules as they were when the interpreter started.

Tests put mocks into os, gc and sys: `mock.patch("os.write")` would count our calls, and raise into them. So the recorder
calls the functions of copies. What changes in a module (sys.last_value) is read from the module itself.
"""
import gc as real_gc
import os as real_os
import sys as real_sys

# A traceback that the program keeps to the end holds our hooks, and they these copies. A stream in them would outlive the
# interpreter: up to 3.8 what is left in its buffer is lost then.
STREAMS = frozenset(("stdin", "stdout", "stderr", "__stdin__", "__stdout__", "__stderr__"))


def copy(module):
    found = type(module)(module.__name__)
    found.__dict__.update({k: v for k, v in module.__dict__.items() if k not in STREAMS})
    return found


directory = copy.__code__.co_filename.rpartition("/")[0] + "/"  # what the names of all our code begin with
library = real_os.path.dirname(real_os.__file__) + "/"


def foreign(exc):
    """Reports whether exc is the program's: raised by a signal handler that ran while our code did. It must pass."""
    tb = exc.__traceback__
    while tb is not None:
        file = tb.tb_frame.f_code.co_filename
        if not file.startswith((directory, library, "<frozen ")) or "-packages/" in file:
            return True
        tb = tb.tb_next
    return False


gc, os, sys = copy(real_gc), copy(real_os), copy(real_sys)
os.path = copy(real_os.path)
