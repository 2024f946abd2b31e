"""Jobs of run_in_executor(): which are left when a loop closes, and which keep those who join their threads waiting."""
import functools
import itertools
import types
from weakref import ref

from .facts import Facts
from .inject import CannotInject, around, calls, hook, statements
from .lazy import ast
from .names import current_of
from .own import sys
from .spool import clock_ns, escape

MOST = 20000  # jobs known at a time
TOLD = 200  # jobs and threads told at one moment
DEPTH = 12  # frames of the stack of a submission
NESTED = 8  # partials and methods around the function of a job
EDGES = ("concurrent/futures/thread.py", "concurrent\\futures\\thread.py")
JOINED_AT_EXIT = sys.version_info >= (3, 9)  # by threading._shutdown(); 3.8 joins in an atexit function of its own
DONE = ("FINISHED", "CANCELLED", "CANCELLED_AND_NOTIFIED")

SUBMITTING = """
if id(type(executor)) not in "<lt:pool_types>":
    _lt_hook = "<lt:pool>"; _lt_hook(executor)
"""
ENDED = """
_lt_hook = "<lt:jobs_told>"
if _lt_hook:
    _lt_hook = "<lt:job_ended>"; _lt_hook()
"""


class Job(ref):
    """A concurrent.futures.Future and what is known of the call behind it."""

    __slots__ = ("number", "future", "task", "name", "code", "stack", "loop", "pool", "pid", "began")


def called(func):
    """Returns (name, id of the code or 0) of what a job calls. Nothing of the program is run for it."""
    for _ in range(NESTED):
        if type(func) is functools.partial:
            inner = func.func
            # to_thread() hands over Context.run with the function as its first argument.
            if type(inner) is types.BuiltinFunctionType and inner.__name__ == "run" and func.args:
                inner = func.args[0]
            func = inner
        elif type(func) is types.MethodType:
            func = func.__func__
        else:
            break
    if type(func) is types.FunctionType:
        return func.__qualname__, id(func.__code__)
    if type(func) in (types.BuiltinFunctionType, types.MethodDescriptorType):
        return func.__qualname__, 0
    kind = func if isinstance(func, type) else type(func)
    code = getattr(kind.__dict__.get("__call__"), "__code__", None) if kind is type(func) else None
    return type.__getattribute__(kind, "__qualname__"), id(code) if code is not None else 0


def submission(function):
    """An edit for run_in_executor(): the submission and the wrapping of its future each become a statement of their own."""
    wraps = calls("wrap_future")
    for block in [n.body for n in ast.walk(function) if isinstance(getattr(n, "body", None), list)]:
        for s in block:
            if isinstance(s, ast.Return) and wraps(s) and isinstance(s.value.args[0], ast.Call):
                submit = s.value.args[0]
                s.value.args[0] = ast.copy_location(ast.Name(id="_lt_job", ctx=ast.Load()), submit)
                new = statements(SUBMITTING, s)
                new += [assign("_lt_job", submit), assign("_lt_future", s.value)]
                new += statements(hook("submitted", "self, executor, func, _lt_job, _lt_future") + "; return _lt_future", s)
                at = block.index(s)
                block[at : at + 1] = new
                return
    raise CannotInject("no submission")


def assign(name, value):
    target = ast.copy_location(ast.Name(id=name, ctx=ast.Store()), value)
    return ast.copy_location(ast.Assign(targets=[target], value=value), value)


def joins(function):
    """An edit for the shutdown() of a pool: what it does only if it waits is put between two hooks."""
    for node in ast.walk(function):
        if isinstance(node, ast.If) and any(isinstance(n, ast.Name) and n.id == "wait" for n in ast.walk(node.test)):
            first = node.body[0]
            guarded = ast.Try(body=node.body, handlers=[], orelse=[], finalbody=statements(hook("join_leave", "_lt_state"), first))
            node.body = statements('_lt_hook = "<lt:join_enter>"; _lt_state = _lt_hook(self)', first) + [ast.copy_location(guarded, first)]
            return
    raise CannotInject("it never waits")


class Executors(Facts):
    """The hooks of executors."""

    HOOKS = ("pool", "submitted", "draining", "join_enter", "join_leave", "exit_enter", "exit_leave", "job_ended")

    def __init__(self, recording):
        super().__init__(recording)
        self.hooks = None
        self.jobs = {}  # id of the concurrent future -> Job
        self.pools = set()  # ids of the types of executors that need no more hooks
        self.told = []  # jobs that were told of and have not ended
        self.drains = {}  # loop number -> (where, stack) of the running shutdown_default_executor()
        self.next_job = itertools.count(1).__next__
        self.next_join = itertools.count(1).__next__
        self.exit_join = None  # number of the join at exit that has not ended

    def put(self, hooks):
        self.hooks = hooks
        base = self.asyncio.base_events.BaseEventLoop
        hooks.put(base.run_in_executor, submission)
        if hasattr(base, "shutdown_default_executor"):
            hooks.put(base.shutdown_default_executor, around(hook("draining", "self")))
        threading = sys.modules["threading"]
        if hasattr(threading, "_shutdown"):
            enter = '_lt_hook = "<lt:exit_enter>"; _lt_state = _lt_hook()'
            hooks.put(threading._shutdown, around(enter, hook("exit_leave", "_lt_state")))

    def constants(self):
        found = super().constants()
        found["<lt:jobs_told>"] = self.told
        found["<lt:pool_types>"] = self.pools
        return found

    def drop(self):
        self.jobs.clear()
        self.told.clear()
        self.hooks = None

    # Submitted.

    def pool(self, executor):
        """An executor of a type not seen before gets a job: concurrent.futures is imported late, so it has no hooks yet."""
        self.pools.add(id(type(executor)))
        for name, cls in (("thread", "ThreadPoolExecutor"), ("process", "ProcessPoolExecutor")):
            module = sys.modules.get("concurrent.futures." + name)
            kind = getattr(module, cls, None)
            if kind is None or not issubclass(type(executor), kind) or id(module) in self.pools:
                continue
            self.pools.add(id(module))
            self.hooks.put_later(kind.shutdown, [joins], "join")
            if name == "thread":
                self.hooks.put_later(module._WorkItem.run, [around("pass", ENDED)], "ended")
            self.hooks.templates.save()

    def submitted(self, loop, executor, func, job, future):
        base = sys.modules.get("concurrent.futures._base")
        if base is None or not isinstance(job, base.Future) or len(self.jobs) >= MOST:
            return
        key = id(job)
        jobs = self.jobs
        known = Job(job, lambda gone: jobs.pop(key, None) if jobs.get(key) is gone else None)
        known.number = self.next_job()
        known.future = ref(future)
        known.name, known.code = called(func)
        known.stack = self.intern.stack(sys._getframe(3), DEPTH, self.steps.handle_codes)
        known.loop = self.threads.loops(loop)
        known.pool = id(executor)
        known.pid = self.spool.pid
        known.began = clock_ns()
        known.task = None
        if self.asyncio.events._get_running_loop() is loop:
            task = current_of(self.asyncio.tasks, loop)
            known.task = None if task is None else ref(task)
            if task is not None:
                self.opener(sys._getframe(3), task, "job", known.number)
        jobs[key] = known

    # Left.

    def left(self, finished=False):
        """Returns the jobs of this process that have not ended; with finished also those whose result is on its way."""
        found = []
        for job in list(self.jobs.values()):
            future = job()
            if future is not None and job.pid == self.spool.pid and (future._state not in DONE or finished and future._state == "FINISHED"):
                found.append(job)
        found.sort(key=lambda job: job.number)
        return found

    def moment(self, kind, loop, number):
        if kind == "close":
            jobs = [j for j in self.left(True) if j.loop == number]
            if jobs:
                self.tell(jobs, "moment=close")
        elif kind == "end" and self.exit_join is not None:
            module = sys.modules.get("concurrent.futures.thread")
            if getattr(module, "_shutdown", False):
                self.joined()

    def tell(self, jobs, *moment):
        """Writes what is known of jobs, before anybody waits for them."""
        frames = sys._current_frames()
        taken = set()
        told = {j.number for j in self.told}
        for job in jobs[:TOLD]:
            future = job()
            state = "gone" if future is None else future._state
            if state in ("CANCELLED", "CANCELLED_AND_NOTIFIED", "gone"):
                continue
            wanted = job.future()
            waits = wanted is not None and wanted._state == "PENDING"
            awaited = waits and any(n != "_chain_future.<locals>._call_check_cancel" for n in self.live.callbacks(wanted))
            if state == "FINISHED" and not awaited:
                continue
            fields = ["loop=%d" % job.loop, "stack=%d" % job.stack, "resource=job", "id=%d" % job.number]
            fields += ["name=" + escape(job.name), "state=" + {"PENDING": "queued", "RUNNING": "running"}.get(state, "finished")]
            fields += ["wanted=%d" % waits, "awaited=%d" % awaited, "age=%d" % (clock_ns() - job.began)]
            task = None if job.task is None else job.task()
            if task is not None:
                fields.append("task=@%x" % id(task))
            if state == "RUNNING":
                fields += self.thread_of(job, frames, taken)
            self.spool.fact("resource_left", *(list(moment) + fields))
            if state != "FINISHED" and job.number not in told:
                self.told.append(job)

    def thread_of(self, job, frames, taken):
        """Returns the fields of the thread that runs a job: a thread of a pool with the job's function on its stack."""
        for ident, frame in frames.items():
            if ident in taken:
                continue
            places, found, edge = [], False, frame
            while edge is not None and not edge.f_code.co_filename.endswith(EDGES):
                found = found or id(edge.f_code) == job.code
                places.append((edge.f_code, edge.f_lineno))
                edge = edge.f_back
            if edge is None or not in_job(edge) or not found and (job.code or places):
                continue
            taken.add(ident)
            thread = self.threads.active.get(ident)
            name = "" if thread is None else str(thread._name)[:200]
            return ["thread_name=" + escape(name), "thread_stack=%d" % self.intern.stack_of(places[:32])]
        return []

    def job_ended(self):
        """A job that may have been told of is over."""
        for job in list(self.told):
            future = job()
            if future is None or future._state in DONE:
                try:
                    self.told.remove(job)
                except ValueError:
                    continue
                self.spool.fact("resource_ended", "resource=job", "id=%d" % job.number, "state=ended")

    # Joined.

    def draining(self, loop):
        """shutdown_default_executor() begins: by asyncio.run(), or because the program says so."""
        frame = caller = sys._getframe(3)
        where = "shutdown"
        while frame is not None:
            if frame.f_code.co_filename == self.asyncio.runners.__file__:
                where = "run"
                break
            frame = frame.f_back
        self.drains[self.threads.loops(loop)] = (where, self.intern.stack(caller))

    def join_enter(self, executor):
        """The threads of a pool are about to be joined. None: there is nothing to wait for."""
        jobs = [j for j in self.left() if j.pool == id(executor)]
        if not jobs:
            return None
        caller = sys._getframe(3)
        where, stack = "shutdown", 0
        if caller.f_code.co_name == "_do_shutdown" and caller.f_code.co_filename.startswith(self.library):
            where, stack = self.drains.get(jobs[0].loop, (where, 0))
        return self.join(jobs, where, stack or self.intern.stack(caller), [])

    def join(self, jobs, where, stack, threads):
        number = self.next_join()
        self.spool.fact(
            "executor_join_begun", "thread=%d" % self.threads.number(), "stack=%d" % stack, "id=%d" % number, "where=" + where,
            "count=%d" % len(jobs),
        )  # fmt: skip
        self.tell(jobs, "moment=join", "join=%d" % number)
        for name, stack in threads:
            self.spool.fact(
                "resource_left", "moment=join", "join=%d" % number, "resource=thread", "thread_name=" + escape(name),
                "thread_stack=%d" % stack, "state=running",
            )  # fmt: skip
        return number

    def join_leave(self, number):
        if number:
            self.spool.fact("executor_join_ended", "id=%d" % number, "thread=%d" % self.threads.number())

    def exit_enter(self):
        """The interpreter is about to wait for the threads that are left."""
        jobs, threads = self.left(), self.others()
        if jobs or threads:
            self.exit_join = self.join(jobs, "exit", 0, threads)
            return bool(jobs)

    def exit_leave(self, jobs):
        if self.exit_join is not None and (JOINED_AT_EXIT or not jobs):
            self.joined()

    def joined(self):
        self.join_leave(self.exit_join)
        self.exit_join = None

    def others(self):
        """Returns (name, stack) of the threads that are no pool's and that the interpreter waits for."""
        frames = sys._current_frames()
        own = sys._getframe()
        found = []
        for ident, thread in list(self.threads.active.items()):
            frame = frames.get(ident)
            if frame is None or frame is own or getattr(thread, "_daemonic", True) or thread._name == "MainThread":
                continue
            last = frame
            pooled = False
            while last is not None and not pooled:
                pooled = last.f_code.co_name == "_worker" and last.f_code.co_filename.endswith(EDGES)
                last = last.f_back
            if not pooled:
                found.append((str(thread._name)[:200], self.intern.stack(frame)))
        return found[:TOLD]


def in_job(edge):
    """Reports whether a frame of a pool's thread is running a job rather than waiting for one."""
    while edge is not None and edge.f_code.co_filename.endswith(EDGES):
        if edge.f_code.co_name == "run":
            return True
        edge = edge.f_back
    return False
