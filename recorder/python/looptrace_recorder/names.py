"""Names of types, read without running code of the program."""


def type_name(exc):
    """Returns the name of an exception's type, with its module where that is not builtins."""
    kind = type(exc)
    module = type.__getattribute__(kind, "__module__")
    name = type.__getattribute__(kind, "__qualname__")
    return name if module in ("builtins", "__main__", "asyncio.exceptions") or type(module) is not str else module + "." + name
