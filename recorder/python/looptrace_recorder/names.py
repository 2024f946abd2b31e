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
