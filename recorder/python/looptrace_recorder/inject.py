"""Put statements into a function without replacing it.

The function keeps its identity, signature, file and line numbers, so tracebacks, stack depth and inspect see what they
saw before; only its __code__ is another. The source is read, the wanted statements are put into its syntax tree at the
position of a neighbour, and the result is compiled under the original file name. A statement reaches the recorder through
string constants ("<lt:put>") that are replaced in the compiled code by objects, so nothing is added to any namespace. They
go through a local variable first, or the compiler would warn that a string is called or compared by identity.
"""
from .lazy import ast

LAST = [None, None]  # a source file and its lines


class CannotInject(Exception):
    """The function has no source, or not the shape that was expected."""


class Injection:
    """One function with statements put in. apply() may be called again with other constants."""

    def __init__(self, function, template, constants, original=None):
        """original is the function's own code, where it runs other statements by now."""
        self.function = function
        self.original = function.__code__ if original is None else original
        self.template = template
        if template.co_freevars != self.original.co_freevars:
            raise CannotInject("other free variables")
        self.apply(constants)

    def apply(self, constants):
        """Makes the function run the injected code with these constants."""
        consts = tuple([constants[c] if isinstance(c, str) and c in constants else c for c in self.template.co_consts])
        self.function.__code__ = self.template.replace(
            co_consts=consts, co_flags=self.original.co_flags, co_firstlineno=self.original.co_firstlineno
        )
        return self

    def undo(self):
        self.function.__code__ = self.original


def make_template(code, edits, refused=None):
    """Returns code with statements put in by edits, its constants still names.

    An edit that the function has no place for is told to refused, and the others are made; CannotInject if none can be.
    """
    module, function = parse(code)
    made = []
    for edit in edits:
        try:
            edit(function)
            made.append(edit)
        except CannotInject as exc:
            if len(edits) == 1:
                raise
            refused(exc)
            module, function = parse(code)  # an edit that fails half-way leaves nothing behind
            for again in made:
                again(function)
    if not made:
        raise CannotInject("no place for any of the statements")
    return find(compile(module, code.co_filename, "exec", dont_inherit=True), code)


def parse(code):
    """Returns (module, function node) of the source of code, with its line numbers."""
    lines = lines_of(code.co_filename)
    first = code.co_firstlineno - 1
    if first >= len(lines):
        raise CannotInject("no source")
    head = lines[first]
    indent = len(head) - len(head.lstrip())
    last = first + 1
    while last < len(lines):
        line = lines[last]
        if line.strip() and len(line) - len(line.lstrip()) <= indent and not line.lstrip().startswith((")", "#")):
            if not (lines[last - 1].lstrip().startswith("@") and line.lstrip().startswith(("def ", "async def "))):
                break
        last += 1
    body = lines[first:last]
    while len(body) and not body[-1].strip():
        body.pop()
    lead = "\n" * (first - 1)
    free = [name for name in code.co_freevars if name != "__class__"]
    if free:
        # A function around it has the variables that it shares with the one it is in.
        source = lead + "def _owner(%s):\n" % ", ".join(free) + "\n".join(body) + "\n"
    elif indent:
        # A class around it gives zero-argument super() its cell.
        source = lead + "class %s:\n" % owner(code) + "\n".join(body) + "\n"
    else:
        source = ("\n" if first else "") + lead + "\n".join(body) + "\n"
    try:
        tree = ast.parse(source)
    except SyntaxError:
        raise CannotInject("source not understood")
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == code.co_name:
            return tree, node
    raise CannotInject("function not found in its source")


def lines_of(file):
    """Returns the lines of a source; those of the last one are kept, for the functions of a file follow each other."""
    if LAST[0] != file:
        try:
            with open(file, "rb") as f:
                LAST[:] = file, f.read().decode("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            raise CannotInject("no source")
    return LAST[1]


def owner(code):
    """Returns the class that names private attributes in code; any name where the interpreter does not say (< 3.11)."""
    qualname = getattr(code, "co_qualname", "").split(".")
    return qualname[-2] if len(qualname) > 1 and qualname[-2].isidentifier() else "_Owner"


def find(code, original):
    """Returns the code object of the function inside a compiled module."""
    for const in code.co_consts:
        if hasattr(const, "co_consts"):
            if const.co_name == original.co_name and const.co_argcount == original.co_argcount:
                return const
            try:
                return find(const, original)
            except CannotInject:
                pass
    raise CannotInject("function not found in its code")


def statements(source, like, own=None):
    """Returns source as statements at the position of the node like. A name in own stands for that statement."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if "lineno" in getattr(node, "_attributes", ()):
            ast.copy_location(node, like)
    if own:
        for node in ast.walk(tree):
            for field in ("body", "orelse"):
                block = getattr(node, field, None)
                if isinstance(block, list):
                    block[:] = [own[s.value.id] if is_name(s, own) else s for s in block]
    return tree.body


def is_name(statement, names):
    return isinstance(statement, ast.Expr) and getattr(statement.value, "id", None) in names


def start(function):
    """Returns the index of the first statement after the docstring."""
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) and isinstance(body[0].value.value, str):
        return 1
    return 0


def around(enter, leave=None):
    """Returns an edit that runs enter first and leave at the end, however the function ends."""

    def edit(function):
        at = start(function)
        rest = function.body[at:]
        if not rest:
            raise CannotInject("empty function")
        new = statements(enter, rest[0])
        if leave is None:
            new += rest
        else:
            guard = ast.Try(body=rest, handlers=[], orelse=[], finalbody=statements(leave, rest[0]))
            new.append(ast.copy_location(guard, rest[0]))
        function.body[at:] = new

    return edit


def on_branch(text, source):
    """Returns an edit that runs source first in the body of every `if` whose test contains text."""

    def edit(function):
        found = False
        for node in ast.walk(function):
            if isinstance(node, ast.If) and text in ast.dump(node.test):
                node.body[:0] = statements(source, node.body[0])
                found = True
        if not found:
            raise CannotInject("no branch on " + text)

    return edit


def beside(match, before=None, after=None):
    """Returns an edit that puts statements before and after every statement for which match(node) holds."""

    def edit(function):
        found = [(block, s) for block, s in blocks_of(function) if match(s)]
        if not found:
            raise CannotInject("statement not found")
        for block, s in found:
            at = block.index(s)
            if after is not None:
                block[at + 1 : at + 1] = statements(after, s)
            if before is not None:
                block[at:at] = statements(before, s)

    return edit


def failing(match, source):
    """Returns an edit that runs source when an exception leaves one of the statements for which match(node) holds.

    It costs next to nothing where none does, and a re-raise leaves the traceback as it was.
    """

    def edit(function):
        found = [(block, s) for block, s in blocks_of(function) if match(s)]
        if not found:
            raise CannotInject("statement not found")
        for block, s in found:
            name = ast.copy_location(ast.Name(id="BaseException", ctx=ast.Load()), s)
            again = ast.copy_location(ast.Raise(exc=None, cause=None), s)
            handler = ast.copy_location(ast.ExceptHandler(type=name, name=None, body=statements(source, s) + [again]), s)
            block[block.index(s)] = ast.copy_location(ast.Try(body=[s], handlers=[handler], orelse=[], finalbody=[]), s)

    return edit


def both(*edits):
    """Returns an edit that makes several edits in turn."""

    def edit(function):
        for e in edits:
            e(function)

    return edit


def calls(name):
    """Returns a match for simple statements that call something named name."""

    def match(node):
        if not isinstance(node, (ast.Expr, ast.Assign, ast.Return)):
            return False
        return any(
            isinstance(n, ast.Call) and (getattr(n.func, "attr", None) == name or getattr(n.func, "id", None) == name)
            for n in ast.walk(node)
        )

    return match


def before_raises(name):
    """Returns an edit that calls the hook name ahead of every raise of a new exception, with what the source says of it.

    The hook gets (type, words, self): the name of the exception's type, the literal parts of its message, and the
    object that the method belongs to (None in a function). Nothing is evaluated twice, so no repr() of the program runs.
    """

    def edit(function):
        first = function.args.args[0].arg if function.args.args else ""
        found = [(block, s) for block, s in blocks_of(function) if isinstance(s, ast.Raise) and s.exc is not None]
        found = [(block, s, raised(s.exc)) for block, s in found]
        found = [f for f in found if f[2] is not None]
        if not found:
            raise CannotInject("nothing is raised")
        for block, s, (kind, words) in found:
            at = block.index(s)
            owner = "self" if first == "self" else "None"
            block[at:at] = statements(hook(name, "%r, %r, %s" % (kind, words, owner)), s)

    return edit


def raised(node):
    """Returns (type, literal parts of the message) of the expression of a raise, None if it is not a plain one."""
    if not isinstance(node, ast.Call):
        return (node.attr if isinstance(node, ast.Attribute) else node.id, "") if isinstance(node, (ast.Name, ast.Attribute)) else None
    kind = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
    if kind is None:
        return None
    return kind, " ".join(literal(node.args[0]).split()) if node.args else ""


def literal(node):
    """Returns what the source says of a message: the parts of an f-string that are text, or what precedes the first value."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.partition("%")[0].partition("{")[0]
    if isinstance(node, ast.JoinedStr):
        return "".join(v.value for v in node.values if isinstance(v, ast.Constant))
    if isinstance(node, ast.BinOp):
        return literal(node.left)
    return ""


def blocks_of(function):
    """Returns (block, statement) of every statement in the body of a function."""
    return [
        (block, s)
        for node in ast.walk(function)
        for field in ("body", "orelse", "finalbody")
        for block in [getattr(node, field, None)]
        if isinstance(block, list)
        for s in block
        if isinstance(s, ast.stmt)
    ]


def hook(name, arguments):
    return '_lt_hook = "<lt:%s>"; _lt_hook(%s)' % (name, arguments)


def enter(name, arguments="self"):
    return '_lt_hook = "<lt:%s>"; _lt_state = _lt_hook(%s)' % (name, arguments)


def assigns(name):
    """Returns a match for the assignment to a local variable."""

    def match(node):
        return isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) == name

    return match
