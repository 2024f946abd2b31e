"""At interpreter start: take the recorder out of the program's sight, write the first fact, wait for asyncio."""
import os
import sys

from .unnamed import Ours, look_in, unname

unname(sys._getframe().f_code)
look_in(os.path.dirname(os.path.dirname(__file__)))

from .collector import Undisturbed, restore  # noqa: E402

WANTED = "LOOPTRACE_RECORD"  # what to record beside the usual; not set where that is nothing


def start(directory, spool_directory, counts):
    """Begins recording this interpreter. directory is where this package is; counts is the collector's from before."""
    environment = hide(directory)
    watch = Watch(directory, spool_directory, environment)
    watch.begin()
    restore(counts, watch.kept)


def hide(directory):
    """Takes the recorder out of os.environ and returns what a child needs to be recorded.

    The environment itself keeps it: children inherit that one, and only C code of this process could see it.
    """
    data = os.environ._data
    encode = os.environ.encodekey
    environment = {}
    before = data.pop(encode("LOOPTRACE_PYTHONPATH"), None)
    for key in ("LOOPTRACE_SPOOL", "LOOPTRACE_RECORDER_DIR"):
        environment[encode(key)] = data.pop(encode(key))
    wanted = data.pop(encode(WANTED), None)
    if wanted is not None:
        environment[encode(WANTED)] = wanted
    environment[encode("PYTHONPATH")] = encode(directory)
    data.pop(encode("PYTHONPATH"), None)
    if before is not None:
        data[encode("PYTHONPATH")] = before
    return environment


class Watch:
    """Waits in sys.meta_path for the first import of asyncio and of subprocess."""

    def __init__(self, directory, spool_directory, environment):
        self.directory = directory
        self.spool_directory = spool_directory
        self.environment = environment
        self.process = None
        self.kept = []
        self.waited = {"asyncio": self.asyncio, "subprocess": self.subprocess}

    def begin(self):
        modules = set(sys.modules)
        try:
            from .process import Process
            from .spool import Spool

            self.process = Process(Spool(self.spool_directory), self.given)
            self.process.started()
            self.process.watch_forks()
            sys.meta_path.insert(0, self)
        finally:
            forget(modules, self.directory)

    def find_spec(self, name, path=None, target=None):
        if name not in self.waited or self not in sys.meta_path:
            return None
        act = self.waited.pop(name)
        if not self.waited:
            sys.meta_path.remove(self)
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None and finder is not self else None
            if spec is not None:
                self.wait_in(name, spec.loader, act)
                return spec
        return None

    def wait_in(self, name, loader, act):
        """Makes act be called with the module once loader has run it."""
        try:
            run = loader.exec_module

            def exec_module(module):
                del loader.exec_module
                run(module)
                self.load(name, act, module)

            loader.exec_module = exec_module
        except Exception as exc:
            self.process.spool.note("%s is loaded in a way that cannot be observed: %s" % (name, type(exc).__name__))

    def load(self, name, act, module):
        """Calls act with more of the recorder within reach than the program sees."""
        modules = set(sys.modules)
        sys.path.insert(0, self.directory)
        sys.meta_path.insert(0, Ours)
        look_in(self.directory)
        try:
            with Undisturbed(self.kept):
                act(module)
        except Exception as exc:
            self.process.spool.note("%s is not observed: %s: %s" % (name, type(exc).__name__, exc))
        finally:
            sys.meta_path.remove(Ours)
            sys.path.remove(self.directory)
            forget(modules, self.directory)

    def asyncio(self, module):
        from looptrace_recorder.install import install

        wanted = os.fsdecode(self.environment.get(os.fsencode(WANTED), b"")).split(",")
        install(module, self.process.spool, self.process, self.directory, wanted)

    def subprocess(self, module):
        from looptrace_recorder.children import hand_on

        hand_on(module, self.process.spool, self.environment, self.directory)

    def given(self, env):
        """Returns the environment env with the recorder in it."""
        from_children = []

        def take(module):
            from looptrace_recorder.children import given_to

            from_children.append(given_to(self.environment))

        self.load("an environment", take, None)
        return from_children[0](env) if from_children else env


def forget(modules, directory):
    """Takes what we imported, and the program did not, out of sys.modules, and where it was looked for."""
    sys.path_importer_cache.pop(directory, None)
    sys.path_importer_cache.pop(os.path.join(directory, "looptrace_recorder"), None)
    for name in list(sys.modules):
        if name not in modules:
            del sys.modules[name]
