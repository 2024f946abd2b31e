"""Modules as they were when the interpreter started.

Tests put mocks into os, gc and sys: `mock.patch("os.write")` would count our calls, and raise into them. So the recorder
calls the functions of copies. What changes in a module (sys.last_value) is read from the module itself.
"""
import gc as real_gc
import os as real_os
import sys as real_sys


def copy(module):
    found = type(module)(module.__name__)
    found.__dict__.update(module.__dict__)
    return found


gc, os, sys = copy(real_gc), copy(real_os), copy(real_sys)
os.path = copy(real_os.path)
