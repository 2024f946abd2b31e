"""Where the program calls a function, told from its code alone: nothing is run and no source is read."""
import types

from .own import directory, os, sys

CODES = 20000  # looked through at most
DEPTH = 3  # functions inside of closures of functions…
MEMBERS = (staticmethod, classmethod)

# What becomes of the result of a call.
POPPED, STORED, RETURNED, PASSED, AWAITED, VALUE = "popped", "stored", "returned", "passed", "awaited", "value"
CALLED = (POPPED, STORED, RETURNED, PASSED)  # and then perhaps lost
AWAITS = ("GET_AWAITABLE", "GET_YIELD_FROM_ITER", "BEFORE_ASYNC_WITH", "GET_AITER")
STORES = ("STORE_", "LIST_", "SET_", "MAP_", "DICT_", "BUILD_")


class Place:
    """One place in the code of the program that names a function."""

    def __init__(self, code, line, name, fate, start, end):
        self.code, self.line, self.name, self.fate, self.start, self.end = code, line, name, fate, start, end


class Calls:
    """Looks up places. known() returns further code objects: those of modules that ran are kept by nobody else."""

    def __init__(self, known):
        self.known = known
        self.library = os.path.dirname(os.__file__) + os.sep
        self.modules = -1
        self.codes = []
        self.seen = {}  # id of a code -> its places by name
        self.libraries = {}  # names -> (number of modules, whether a library names one of them)

    def program(self, code):
        """Reports whether code is the program's."""
        return self.program_file(code.co_filename)

    def program_file(self, file):
        return not (installed(file) or file.startswith((self.library, directory, "<frozen ")))

    def own_type(self, kind):
        """Reports whether the program wrote the class kind."""
        name = type.__getattribute__(kind, "__module__")
        module = sys.modules.get(name) if type(name) is str else None
        return type(module) is types.ModuleType and self.may_define(module.__dict__)

    def places(self, code):
        """Returns {name: [Place]} of code."""
        found = self.seen.get(id(code))
        if found is None:
            found = self.seen[id(code)] = look(code)
        return found

    def of(self, *names, fates=None):
        """Returns every place of the program that names one of names, those of the given fates if any are given."""
        self.collect()
        found = [p for code in self.codes for name in names for p in self.places(code).get(name, ())]
        return [p for p in found if fates is None or p.fate in fates]

    def only(self, names, *fates):
        """Returns (code, line, fate) of the only line of the program that names one of names so; None if there are more."""
        return only(self.of(*names, fates=fates))

    def by_library(self, *names):
        """Reports whether code of an installed library names one of names: then it may be its doing as well."""
        modules, found = self.libraries.get(names, (-1, False))
        if not found and modules != len(sys.modules):
            found = any(names_any(value, names, True) for value in library_values())
            self.libraries[names] = len(sys.modules), found
        return found

    def collect(self):
        """Finds the code objects of the program, anew once there are more modules."""
        kept = self.known()
        if self.modules == len(sys.modules) + len(kept):
            return
        self.modules = len(sys.modules) + len(kept)
        found = {}
        for code in list(kept):
            self.take(code, found)
        for module in list(sys.modules.values()):
            if type(module) is types.ModuleType and self.may_define(module.__dict__):
                for value in list(module.__dict__.values()):
                    self.take_value(value, found, DEPTH)
        self.codes = list(found.values())

    def may_define(self, namespace):
        """Reports whether the program wrote the module with this namespace."""
        file = namespace.get("__file__")
        return self.program_file(file) if type(file) is str else namespace.get("__name__") == "__main__"

    def take_value(self, value, found, depth):
        """Takes the code of a function or of a class's functions."""
        kind = type(value)
        if kind is types.FunctionType:
            if self.take(value.__code__, found):
                for cell in value.__closure__ or () if depth else ():
                    try:
                        self.take_value(cell.cell_contents, found, depth - 1)
                    except ValueError:
                        pass
        elif kind in MEMBERS:
            self.take_value(value.__func__, found, depth)
        elif kind is property:
            self.take_value(value.fget, found, depth)
        elif issubclass(kind, type) and depth == DEPTH:
            for member in list(type.__getattribute__(value, "__dict__").values()):
                if type(member) is not type:
                    self.take_value(member, found, depth - 1)

    def take(self, code, found):
        """Takes code and what is defined in it. Returns whether it is the program's."""
        if not self.program(code):
            return False
        if id(code) not in found and len(found) < CODES:
            found[id(code)] = code
            for const in code.co_consts:
                if type(const) is types.CodeType:
                    self.take(const, found)
        return True


def installed(file):
    return "site-packages" in file or "dist-packages" in file


def library_values():
    """Yields what is defined in the modules of installed libraries."""
    for module in list(sys.modules.values()):
        file = module.__dict__.get("__file__") if type(module) is types.ModuleType else None
        if type(file) is str and installed(file):
            yield from list(module.__dict__.values())


def names_any(value, names, members=False):
    """Reports whether value is a function of a library, or a class with one, that names one of names."""
    kind = type(value)
    if kind in MEMBERS:
        value, kind = value.__func__, type(value.__func__)
    if kind is types.FunctionType:
        value, kind = value.__code__, types.CodeType
    if kind is types.CodeType:
        return installed(value.co_filename) and (
            not set(names).isdisjoint(value.co_names) or any(names_any(const, names) for const in value.co_consts)
        )
    if members and issubclass(kind, type):
        return any(names_any(member, names) for member in list(type.__getattribute__(value, "__dict__").values()))
    return False


def look(code):
    """Returns {name: [Place]}: where code names a function, and what it does with it."""
    dis = sys.modules.get("dis")
    if dis is None:
        return {}
    found = {}
    instructions = [i for i in dis.get_instructions(code) if i.opname != "CACHE"]
    line = code.co_firstlineno
    for at, i in enumerate(instructions):
        line = line_of(i, line)
        if i.opname.startswith("LOAD_") and type(i.argval) is str and i.opname != "LOAD_CONST":
            name = i.argval.rpartition(" ")[2] if " " in i.argval else i.argval
            end, fate = fate_of(dis, instructions, at)
            found.setdefault(name, []).append(Place(code, line, name, fate, i.offset, end))
    return found


def line_of(instruction, before):
    """Returns the line of an instruction; line_number is of 3.13."""
    line = getattr(instruction, "line_number", None)
    if line is None:
        line = instruction.starts_line
    return line if type(line) is int else before


def fate_of(dis, instructions, at):
    """Returns (offset of what uses the result, fate) of the callable loaded by instruction at."""
    load = instructions[at]
    depth = {"LOAD_ATTR": 1, "LOAD_METHOD": 1, "LOAD_SUPER_ATTR": 3}.get(load.opname, 0)
    before = at - 1
    while depth and before > 0 and instructions[before].opname.startswith("LOAD_"):
        before -= 1  # the object that it is an attribute of
    null = before >= 0 and instructions[before].opname == "PUSH_NULL"
    n = at
    while n < len(instructions):
        i = instructions[n]
        if i.opname.startswith(("RETURN", "RAISE", "JUMP_BACKWARD", "JUMP_ABSOLUTE")):
            break
        try:
            depth += dis.stack_effect(i.opcode, i.arg if i.opcode >= dis.HAVE_ARGUMENT else None, jump=False)
        except ValueError:
            break
        if n > at and i.opname.startswith("CALL") and not i.opname.startswith("CALL_INTRINSIC") and depth == (not null):
            return used(instructions, n + 1)
        if n > at and depth < (not null):
            break
        n += 1
        while i.opname == "JUMP_FORWARD" and n < len(instructions) and instructions[n].offset < i.argval:
            n += 1  # an argument that is one of two
    return load.offset, VALUE


def used(instructions, n):
    """Returns (offset, fate) of the result of a call, by the instruction behind it."""
    if n >= len(instructions):
        return 0, PASSED
    i = instructions[n]
    if i.opname == "POP_TOP":
        return i.offset, POPPED
    if i.opname in AWAITS:
        return i.offset, AWAITED
    if i.opname.startswith("RETURN"):
        return i.offset, RETURNED
    if i.opname.startswith(STORES):
        return i.offset, STORED
    return i.offset, PASSED


def popping(code, offset):
    """Reports whether the instruction at offset throws away what the one before it, a call, returned."""
    dis = sys.modules.get("dis")
    before = ""
    for i in dis.get_instructions(code) if dis is not None else ():
        if i.offset >= offset:
            return i.offset == offset and i.opname == "POP_TOP" and before.startswith("CALL") and not before.startswith("CALL_INTRINSIC")
        if i.opname != "CACHE":
            before = i.opname
    return False


def names_of(coro):
    """Returns the names by which the program may call the function of coro."""
    names = {coro.__name__, coro.cr_code.co_name}
    parts = coro.__qualname__.split(".")
    if parts[-1].startswith("__") and not parts[-1].endswith("__") and len(parts) > 1:
        names.add("_" + parts[-2].lstrip("_") + parts[-1])
    return names


def only(places):
    """Returns (code, line, fate) if there is but one line among places."""
    found = {"%d %d" % (id(p.code), p.line): p for p in places}
    for p in found.values() if len(found) == 1 else ():
        return p.code, p.line, p.fate
    return None


def place_fields(intern, place, how):
    """Returns the fields that say where a call is, none if place is None."""
    if place is None:
        return []
    code, line, fate = place
    return ["call_stack=%d" % intern.stack_of([(code, line)]), "how=" + how, "fate=" + fate]
