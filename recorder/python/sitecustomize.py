"""Start the looptrace recorder in this interpreter, then make room for the sitecustomize that would have run without it.

Runs in every Python that inherits the environment, so it must be valid on any version and must never raise or print.
"""
import os
import sys


def _start():
    directory = os.environ.get("LOOPTRACE_RECORDER_DIR")
    spool = os.environ.get("LOOPTRACE_SPOOL")
    if not directory or not spool:
        return
    if sys.version_info < (3, 8) or sys.implementation.name != "cpython":
        sys.path[:] = [p for p in sys.path if p != directory]
        return
    modules = set(sys.modules)
    import gc

    collects, counts = gc.isenabled(), gc.get_count()
    gc.disable()
    try:
        from looptrace_recorder import bootstrap

        bootstrap.start(directory, spool, counts)
    except Exception:
        pass  # a recorder that cannot start is silence: `looptrace run` sees that no spool was made and says so
    finally:
        for name in [n for n in sys.modules if n not in modules]:
            del sys.modules[name]
        while directory in sys.path:
            sys.path.remove(directory)
        sys.path_importer_cache.pop(directory, None)
        if collects:
            gc.enable()


_start()
del _start
sys.modules.pop("sitecustomize", None)
# Raises ImportError where there is no other sitecustomize: site expects and ignores exactly that, and nothing of ours
# stays in sys.modules.
import sitecustomize  # noqa: E402, F401, I001
