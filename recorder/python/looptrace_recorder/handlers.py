"""Whether the program expects an exception: what stands around a line in its source. Nothing of the program is run."""
from io import open

from .lazy import ast

FILES = 100  # sources looked at
BYTES = 1 << 20  # of a source
FRAMES = 16  # outwards
BROAD = ("Exception", "BaseException")
# Context managers that are given the exceptions that may come; those of tests insist on them.
MANAGERS = {"suppress": "named", "raises": "asserted", "assertRaises": "asserted", "assertRaisesRegex": "asserted"}
GIVEN_AS = ("expected_exception", "exception")  # to these, by keyword
# Calls by which a handler tells of the exception.
TELLS = (
    "print", "print_exc", "print_exception", "format_exc", "exception", "error", "warning", "warn", "log", "info", "debug",
    "critical", "write",
)  # fmt: skip


class Handlers:
    """Looks at sources, each once. Those below library are passed over; ends are ids of codes that no exception leaves."""

    def __init__(self, library, ends):
        self.library, self.ends = library, ends
        self.known = {}  # file -> [(function line, first line, last line, [names], how)], innermost last

    def expects(self, frame, kind):
        """Returns whether the innermost handler around frame for exceptions of type kind takes it without a word.

        "" if it tells of it, or if there is none; "asserted" if a test says that it must come, "named" if it is for such
        exceptions, "broad" if it is for all.
        """
        left = FRAMES
        while frame is not None and left and id(frame.f_code) not in self.ends:
            code = frame.f_code
            for function, first, last, names, how in reversed(self.guards(code.co_filename)):
                if first <= (frame.f_lineno or 0) <= last and function == (0 if code.co_name == "<module>" else code.co_firstlineno):
                    if kind in names:
                        return how
                    if not names or any(n in BROAD for n in names):
                        return "broad" if how == "named" else how
            frame = frame.f_back
            left -= 1
        return ""

    def expected(self, frame, kind):
        """Returns that as the fields of a fact."""
        how = self.expects(frame, kind)
        return ["expected=" + how] if how else []

    def guards(self, file):
        found = self.known.get(file)
        if found is None:
            found = []
            if len(self.known) < FILES:
                self.known[file] = found
            if len(self.known) < FILES and not file.startswith(self.library):
                try:
                    with open(file, "rb") as f:
                        tree = ast.parse(f.read(BYTES))
                    collect(tree, 0, found)
                except (OSError, SyntaxError, ValueError, RecursionError):
                    pass
        return found


def collect(node, function, found):
    """Appends what guards the statements below node; what is nested comes later."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        function = node.decorator_list[0].lineno if node.decorator_list else node.lineno
    elif isinstance(node, ast.Try):
        for handler in reversed(node.handlers):
            found.append((function, node.body[0].lineno, node.body[-1].end_lineno, names_of(handler.type), "named" if silent(handler) else ""))
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        for item in node.items:
            call = item.context_expr
            how = MANAGERS.get(last_name(call.func)) if isinstance(call, ast.Call) else None
            given = [] if how is None else call.args or [k.value for k in call.keywords if k.arg in GIVEN_AS]
            if given:
                names = [n for a in given for n in names_of(a)]
                found.append((function, node.body[0].lineno, node.body[-1].end_lineno, names, how))
    for child in ast.iter_child_nodes(node):
        collect(child, function, found)


def names_of(node):
    """Returns the names of the exceptions that a handler is for; none for a bare except."""
    if node is None:
        return []
    if isinstance(node, ast.Tuple):
        return [n for e in node.elts for n in names_of(e)]
    return [last_name(node)]


def last_name(node):
    return getattr(node, "attr", None) or getattr(node, "id", None) or "?"


def silent(handler):
    """Reports whether a handler goes on as if nothing had happened."""
    if handler.name is not None:
        return False
    for statement in handler.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Raise) or isinstance(node, ast.Call) and last_name(node.func) in TELLS:
                return False
    return True
