"""What is recorded once and then named by a number: codes, stacks, spawn sites, await chains, names."""
import itertools

from .own import os, sys
from .spool import escape

FACT_DEPTH = 32  # frames of a rare event's stack
POSITIONS = 20000  # stacks and chains that are known by their instructions
NAMES = 10000  # task names kept to be named by a number


class Interner:
    """Gives out the numbers of one process. A forked child goes on counting: its parent's definitions stay valid.

    A number is taken before its definition is written, by one atomic next(): another thread, or a signal handler, may define
    something meanwhile. Two of them may then define the same thing twice, under two numbers, which does no harm.
    """

    def __init__(self, spool):
        self.spool = spool
        self.cwd = os.getcwd()
        self.codes = {}  # id(code) -> number
        self.kept = []  # the codes themselves: an id must not be reused
        self.texts = set()
        self.stacks = {}
        self.chains = {}
        self.positions = {}  # hash of what the frames of a stack or chain are at -> its number
        self.names = {}
        self.next_code, self.next_stack, self.next_chain, self.next_name, self.next_site = (
            itertools.count(1).__next__ for _ in range(5)
        )

    def code(self, code, qualname=None):
        """Returns the number of a code object."""
        number = self.codes.get(id(code))
        if number is None:
            self.kept.append(code)
            number = self.next_code()
            file = code.co_filename
            if not (os.path.isabs(file) or file.startswith("<")):
                file = os.path.normpath(os.path.join(self.cwd, file))
            qualname = getattr(code, "co_qualname", None) or qualname or code.co_name
            self.spool.define(
                "=code",
                "%d" % number,
                "file=" + escape(file),
                "line=%d" % code.co_firstlineno,
                "function=" + escape(code.co_name),
                "qualname=" + escape(qualname),
            )
            self.codes[id(code)] = number
        return number

    def place(self, code, line, qualname=None):
        """Returns CODE:LINE."""
        number = self.code(code, qualname)
        if code.co_filename[:1] == "<" and "%d:%s" % (number, line) not in self.texts:
            self.texts.add("%d:%s" % (number, line))
            self.text(number, code.co_filename, line)
        return "%d:%d" % (number, line or 0)

    def text(self, number, file, line):
        """Keeps the source of code that is in no file (notebook cells, exec), if the program left it in linecache."""
        linecache = sys.modules.get("linecache")
        entry = linecache and linecache.cache.get(file)
        if entry and len(entry) == 4 and line and 0 < line <= len(entry[2]):
            self.spool.define("=text", "%d:%d" % (number, line), "text=" + escape(entry[2][line - 1].strip()[:400]))

    def stack(self, frame, depth=FACT_DEPTH, edge=()):
        """Returns the number of the stack from frame outwards, as far as a frame whose code's id is in edge."""
        key = []
        f, depth = frame, 2 * depth
        while f is not None and len(key) < depth:
            code = id(f.f_code)
            if code in edge:
                break
            key += (code, f.f_lasti)  # to find the line takes much longer
            f = f.f_back
        key = hash(tuple(key))  # a number: the collector does not count it
        number = self.positions.get(key)
        if number is None:
            places = []
            while frame is not f:
                places.append((frame.f_code, frame.f_lineno))
                frame = frame.f_back
            number = self.stack_of(places)
            self.remember(key, number)
        return number

    def remember(self, key, number):
        """Remembers the number of a stack or chain by the instructions that its frames are at. Their codes are kept."""
        if len(self.positions) >= POSITIONS:
            self.positions.clear()
        self.positions[key] = number

    def stack_of(self, places):
        """Returns the number of a stack given as (code, line), innermost first."""
        key = ",".join(["%d:%s" % (id(c), line) for c, line in places])  # text: the collector does not count it
        number = self.stacks.get(key)
        if number is None:
            body = ",".join([self.place(c, line) for c, line in places]) or "-"
            number = self.next_stack()
            self.spool.define("=stack", "%d" % number, body)
            self.stacks[key] = number
        return number

    def stack_at(self, places):
        """Returns the number of a stack given as code, position, code…, innermost first."""
        return self.stack_of([(c, line_at(c, p)) for c, p in zip(places[::2], places[1::2])])

    def traceback(self, tb):
        """Returns the number of the stack of a traceback, innermost first."""
        places = []
        while tb is not None:
            places.append((tb.tb_frame.f_code, tb.tb_lineno))
            tb = tb.tb_next
        places.reverse()
        return self.stack_of(places[:FACT_DEPTH])

    def site(self, places, loop, coro_name, code):
        """Returns the number of a new spawn site."""
        stack = self.stack_of(places)
        number = self.next_site()
        fields = ["=site", "%d" % number, "stack=%d" % stack, "loop=%d" % loop, "coro=" + escape(coro_name)]
        if code is not None:
            fields.append("code=%d" % self.code(code, coro_name))
        self.spool.define(*fields)
        return number

    def chain(self, state, on, places):
        """Returns the number of an await chain given as (code, line), outermost first."""
        key = state + " " + on + " " + ",".join(["%d:%s" % (id(c), line) for c, line in places])
        number = self.chains.get(key)
        if number is None:
            body = ",".join([self.place(c, line) for c, line in places]) or "-"
            number = self.next_chain()
            self.spool.define("=chain", "%d" % number, "state=" + state, "on=" + escape(on), body)
            self.chains[key] = number
        return number

    def name(self, name):
        """Returns the number of a task name, 0 if there are too many to keep."""
        number = self.names.get(name)
        if number is None:
            if len(self.names) >= NAMES:
                return 0
            number = self.next_name()
            self.spool.define("=name", "%d" % number, "text=" + escape(name[:10000]))
            self.names[name] = number
        return number


def line_at(code, position):
    """Returns the line of a position in code."""
    if hasattr(code, "co_lines"):
        for start, end, line in code.co_lines():
            if start <= position < end and line is not None:
                return line
        return code.co_firstlineno
    found = code.co_firstlineno
    for start, line in sys.modules["dis"].findlinestarts(code):
        if start > position:
            break
        found = line
    return found
