"""Start, fork, exec and exit of the process."""
import os as real_os
import sys

from .names import interpreter_text, type_name
from .own import gc, os
from .spool import escape

getframe = sys._getframe


def json_list(items):
    """Returns items (text) as a JSON list; json itself is not imported by asyncio, so not by us."""
    out = []
    for item in items:
        text = "".join(
            ["\\" + c if c in '"\\' else c if " " <= c and not "\ud800" <= c <= "\udfff" else "\\u%04x" % ord(c) for c in item]
        )
        out.append('"' + text + '"')
    return "[" + ",".join(out) + "]"


def command_line():
    """Returns argv as the interpreter got it, as far as can be told this early."""
    try:
        with open("/proc/self/cmdline", "rb") as f:
            return [os.fsdecode(a) for a in f.read().split(b"\0")[:-1]]
    except OSError:
        return list(getattr(sys, "orig_argv", None) or getattr(sys, "argv", None) or [])


class Process:
    """The process that is recorded."""

    def __init__(self, spool, given):
        self.spool = spool
        self.given = given  # adds the recorder to an environment
        self.forks = 0
        self.parent = None  # token and fork number this process was forked at
        self.after_fork = []
        self.ending = False
        self.replaced = []  # (name, original) of functions of os
        self.recording = None

    def started(self):
        """Writes the first fact."""
        library = os.path.dirname(os.__file__)
        fields = [
            "pid=%d" % os.getpid(),
            "ppid=%d" % os.getppid(),
            "argv=" + escape(json_list(command_line())),
            "python=%d.%d.%d" % sys.version_info[:3],
            "implementation=" + sys.implementation.name,
            "recorder=python",
            "cwd=" + escape(os.getcwd()),
            "executable=" + escape(sys.executable or ""),
            "stdlib=" + escape(json_list([library])),
            "sites=" + escape(json_list([p for p in sys.path if os.path.basename(p) in ("site-packages", "dist-packages")])),
            "forked=%d" % (self.parent is not None),
        ]
        if self.parent is not None:
            fields += ["parent=" + self.parent[0], "fork=%d" % self.parent[1]]
        self.spool.fact("process_started", *fields)

    # Fork.

    def watch_forks(self):
        os.register_at_fork(before=self.before_fork, after_in_child=self.in_child)

    def before_fork(self):
        try:
            self.forks += 1
            fields = ["fork=%d" % self.forks]
            if self.recording is not None:
                fields.append("stack=%d" % self.recording.intern.stack(sys._getframe(1)))
            self.spool.fact("process_forked", *fields)
        except Exception:
            pass

    def in_child(self):
        try:
            self.parent = (self.spool.token, self.forks)
            self.forks = 0
            self.ending = False
            self.spool.after_fork()
            for act in self.after_fork:
                act()
            self.started()
        except Exception:
            pass

    # Ends.

    def watch_ends(self, recording, undo):
        """Notes os._exit(), exec and the regular end. Only where asyncio is used."""
        import atexit

        self.recording, self.undo = recording, undo
        atexit.register(self.at_exit)
        for name, reason in (("_exit", "os._exit"), ("execv", "exec"), ("execve", "exec")):
            original = getattr(real_os, name)
            self.replaced.append((name, original))
            setattr(real_os, name, self.standing_in(original, reason))

    def standing_in(self, original, reason):
        """Returns a function that notes the end of the process and calls the original."""
        spool = self.spool

        def stand_in(*args, **kwargs):
            try:
                self.end(reason, getframe(1), args[0] if reason == "os._exit" and args and type(args[0]) is int else None)
            except Exception as exc:
                spool.note("%s: %s" % (reason, type(exc).__name__))
            if len(args) == 3 and reason == "exec":
                args = args[:2] + (self.given(args[2]),)
            try:
                return original(*args, **kwargs)
            finally:
                self.ending = False  # only a refused exec comes back

        stand_in.__name__ = stand_in.__qualname__ = original.__name__
        stand_in.__module__ = original.__module__
        stand_in.__doc__ = original.__doc__
        return stand_in

    def at_exit(self):
        collects = gc.isenabled()
        gc.disable()  # a collection here would change what is printed about the tasks that are left
        try:
            self.end("exit", None, None)
            self.undo()
            self.let_go()
        except Exception as exc:
            self.spool.note("exit: %s" % type(exc).__name__)
        finally:
            if collects:
                gc.enable()

    def let_go(self):
        """Gives back what was replaced and drops what we hold: the fork hooks keep this object to the very end."""
        for name, original in self.replaced:
            setattr(real_os, name, original)
        self.replaced = []
        self.after_fork = []
        self.recording = self.undo = None
        self.spool.on_new_segment = None

    def end(self, reason, frame, code):
        if self.ending:
            return
        self.ending = True
        recording = self.recording
        recording.ending = reason
        fields = ["reason=" + reason, "thread=%d" % recording.threads.number()]
        if code is not None:
            fields.append("code=%d" % code)
        if frame is not None:
            fields.append("stack=%d" % recording.intern.stack(frame))
            fields += recording.families[0].running_task()
        exc = getattr(sys, "last_value", None)
        if reason == "exit" and exc is not None:
            fields.append("uncaught=" + escape(type_name(exc)))
            text = interpreter_text(exc)
            if text:
                fields.append("message=" + escape(text))
            if exc.__traceback__ is not None:
                fields.append("uncaught_stack=%d" % recording.intern.traceback(exc.__traceback__))
        self.spool.fact("process_ending", *fields)
        for loop, number in recording.threads.living():
            if not recording.outside.closed(loop):
                recording.live.facts(loop, number)
                recording.moment("exit", loop, number)
        recording.moment("end", None, 0)
        recording.found = None
