"""The program is a package that is run as a module; the fault is in its second file."""
import runpy

runpy.run_module("feed", run_name="__main__")
