"""What things are called, and which task runs, read without running code of the program."""

# How the messages of asyncio begin that hold no value of the program. No other message is recorded.
OWN_WORDS = (
    "Event loop is closed",
    "Event loop stopped before",
    "This event loop is already running",
    "Cannot run the event loop while",
    "Cannot close a running event loop",
    "asyncio.run() cannot be called from",
    "Runner.run() cannot be called from",
)

# Messages of asyncio, concurrent.futures and the interpreter about a misuse that hold no value.
WHOLE_WORDS = frozenset(
    (
        "no running event loop",
        "Runner is closed",
        "Executor shutdown has been called",
        "cannot schedule new futures after shutdown",
        "cannot schedule new futures after interpreter shutdown",
        "Timeout has not been entered",
        "Timeout has already been entered",
        "Timeout should be used inside a task",
        "Lock is not acquired.",
        "cannot wait on un-acquired lock",
        "cannot notify on un-acquired lock",
        "BoundedSemaphore released too many times",
        "task_done() called too many times",
        "Barrier aborted",
        "Abort or reset of barrier",
        "invalid state",
        "Result is not set.",
        "Result is not ready.",
        "Exception is not set.",
        "Task does not support set_result operation",
        "Task does not support set_exception operation",
        "await wasn't used with future",
        "cannot reuse already awaited coroutine",
        "coroutine is being awaited already",
        "coroutine raised StopIteration",
        "coroutine ignored GeneratorExit",
    )
)
# The same with a value in them: how they begin and end. Only these words are recorded.
FRAMED_WORDS = (
    ("There is no current event loop", ""),
    ("Task cannot await on itself", ""),
    ("Task got bad yield", ""),
    ("yield was used instead of yield from", ""),
    ("_step(): already done", ""),
    ("a coroutine was expected", ""),
    ("An asyncio.Future, a coroutine or an awaitable is", ""),
    ("Cannot change state of", "Timeout"),
    ("TaskGroup", "has already been entered"),
    ("TaskGroup", "has not been entered"),
    ("TaskGroup", "cannot determine the parent task"),
    ("TaskGroup", "is finished"),
    ("TaskGroup", "is shutting down"),
    ("object", "can't be used in 'await' expression"),
    ("'", "object can't be awaited"),  # 3.14
    ("FINISHED: ", ""),
    ("CANCELLED: ", ""),
)
PROTOCOL = ("__enter__", "__exit__", "__aenter__", "__aexit__")
SPEAKERS = ("builtins", "asyncio.exceptions", "asyncio.queues", "concurrent.futures._base")
ARGS = BaseException.args.__get__


def own_words(exc):
    """Returns the message of an exception as far as it is one of asyncio or the interpreter about a misuse, else ""."""
    if type.__getattribute__(type(exc), "__module__") not in SPEAKERS:
        return ""
    args = ARGS(exc)
    if not args and type.__getattribute__(type(exc), "__name__") == "QueueShutDown":
        return "QueueShutDown"
    return words_of(args[0]) if args and type(args[0]) is str else ""


def interpreter_text(exc):
    """Returns the message of an exception if it is the interpreter's own word about a wrong `with` or asyncio's refusal.

    Any other text is the program's and may hold values.
    """
    words = own_words(exc) or with_words(exc)
    if words or type(exc) is not RuntimeError:
        return words
    args = ARGS(exc)
    return args[0][:200] if args and type(args[0]) is str and args[0].startswith(OWN_WORDS) else ""


def with_words(exc):
    """Returns the message of an exception that a with statement raised because its object is no context manager, else ""."""
    if type(exc) not in (TypeError, AttributeError):
        return ""
    args = ARGS(exc)
    text = args[0] if args and type(args[0]) is str else ""
    return text[:200] if text in PROTOCOL or "does not support the " in text else ""


def words_of(text):
    """Returns the part of a message that is asyncio's or the interpreter's own, "" if it is not known to be theirs."""
    if text in WHOLE_WORDS:
        return text
    for begin, end in FRAMED_WORDS:
        if text.startswith(begin) and text.endswith(end):
            return (begin + " " + end).strip(" :'")
    return ""


def type_name(exc):
    """Returns the name of an exception's type, with its module where that is not builtins."""
    kind = type(exc)
    module = type.__getattribute__(kind, "__module__")
    name = type.__getattribute__(kind, "__qualname__")
    return name if module in ("builtins", "__main__", "asyncio.exceptions") or type(module) is not str else module + "." + name


def current_of(tasks, loop):
    """Returns the task that runs in loop. 3.14 keeps it in C, by thread; before, in a dictionary."""
    table = getattr(tasks, "_current_tasks", None)
    if table is not None and loop in table:
        return table[loop]
    return tasks.current_task(loop)
