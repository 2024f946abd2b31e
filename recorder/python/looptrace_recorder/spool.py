"""The spool of one process: a file of facts and mapped segments of slots. Both are written through."""
import time
from _thread import RLock
from itertools import count, repeat

from .own import foreign, os, sys

SLOTS_HEADER = b"LTSLOTS1" + (1).to_bytes(4, "little") + (16).to_bytes(4, "little")
HEADER_BYTES = 64
SLOT_BYTES = 16
FIRST_SEGMENT = 64 << 10
LARGEST_SEGMENT = 4 << 20
LOWEST_FD = 100
HIGHEST_FD = 1000  # facts go through a high descriptor: the program's own numbering stays as it is

CALLBACK, IO_WAIT, IO_WAIT_ENDED, FACT = 1.0, 2.0, 3.0, 4.0
SPAWNED, RETURNED, RAISED, CANCELLED, CANCEL, WAITING = 1, 2, 3, 4, 5, 6
ARG_SITE, ARG_NUMBER, ARG_NAME, ARG_STACK = 9, 10, 11, 12
RETURNED_NUMBER, CANCELLED_NUMBER, RETURNED_NAME, CANCELLED_NAME = 7, 8, 13, 14  # an end and a name in one slot
WOKEN = 15
THREAD_UNIT = 2.0**47

TORN = b"\x18\n"  # ends a line that was not written to its end

clock = time.perf_counter  # CLOCK_MONOTONIC, as the launcher's and the Go runtime's clocks
clock_ns = time.perf_counter_ns


def escape(text):
    """Returns text as the value of a fact's field: see package tracefile."""
    if text.isalnum() and text.isascii():
        return text
    out = []
    for c in text:
        if c == "\\":
            c = "\\\\"
        elif c == " ":
            c = "\\s"
        elif c == "@" or c == ",":
            c = "\\x%02x" % ord(c)
        elif c < " " or "\x7f" <= c <= "\x9f" or "\ud800" <= c <= "\udfff":
            c = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(c) or "".join(
                "\\x%02x" % b for b in c.encode("utf-8", "surrogatepass" if "\udc80" > c or c > "\udcff" else "surrogateescape")
            )
        out.append(c)
    return "".join(out)


def map_file(mmap, fd, size):
    """Maps fd. Returns the mapping and the descriptor (number, identity of the file) that it holds, or None.

    Up to 3.12 a mapping has a duplicate of fd, the lowest number that is free. The low ones are taken meanwhile: the program
    would see a gap in its own numbering.
    """
    if sys.version_info >= (3, 13):
        return mmap(fd, size, trackfd=False), None
    taken = []
    try:
        try:
            while not taken or taken[-1] < LOWEST_FD:
                taken.append(os.dup(fd))
        except OSError:
            pass  # the process may have no more
        held = taken.pop() if taken else -1
        if held >= 0:
            os.close(held)
        mapped = mmap(fd, size)
    finally:
        for number in taken:
            os.close(number)
    s = os.fstat(fd)
    return mapped, (held, (s.st_dev, s.st_ino))


class Spool:
    """What this process has recorded so far. Its hot part, mapped(), is copied into the injected code."""

    def __init__(self, directory):
        self.directory = directory
        self.on_new_segment = None  # called when mapped() changed
        self.moments, self.look = (), None  # kinds of facts ahead of which to call look()
        self.mmap = None
        self.mapping = self.held = None  # the current segment, and the descriptor that its mapping holds
        self.keep = []  # mappings that cannot be closed: that would close a descriptor number that the program has reused
        self.lock = RLock()
        self.begin()

    def begin(self):
        """Opens the files of this process; called again in a forked child."""
        self.pid = os.getpid()
        self.token = "%d-%x" % (self.pid, clock_ns())
        self.ordinals = count(1)
        self.segments = 0
        self.full = False
        self.torn = False  # the last line of the facts has no end: the disk was full
        self.identity = None
        self.fd = -1
        self.path = os.path.join(self.directory, self.token + ".facts")
        self.drop()

    def drop(self):
        """Sends hot events nowhere, until map_segment() has made room."""
        nowhere = memoryview(bytearray(8)).cast("d")
        self.words = self.values = nowhere
        self.next = repeat(0).__next__

    def after_fork(self):
        """Leaves the files to the parent and begins this child's own."""
        self.lock = RLock()
        mapped, fd, known = self.segments > 0, self.fd, self.identity
        self.release()
        self.let_go()
        if fd >= 0 and self.owns(fd, known):
            os.close(fd)
        self.begin()
        if mapped:
            self.map_segment()

    def release(self):
        """Makes every store into the current segment fail, also one from a frame that already runs."""
        for view in (self.words, self.values):
            try:
                view.release()
            except Exception:
                pass

    # Facts.

    def write(self, line):
        """Appends one line to the facts."""
        data = line.encode("utf-8", "surrogateescape")
        if self.fd < 0 or not self.owns(self.fd, self.identity):
            self.open_facts()
        if self.torn:
            data = TORN + data
        self.torn = os.write(self.fd, data) < len(data)

    @staticmethod
    def owns(fd, identity):
        """Reports whether fd still is our file: a program may close every descriptor and reuse the numbers."""
        try:
            s = os.fstat(fd)
        except OSError:
            return False
        return (s.st_dev, s.st_ino) == identity

    def open_facts(self):
        low = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o600)
        s = os.fstat(low)
        self.identity = (s.st_dev, s.st_ino)
        self.fd = low
        for number in range(min(HIGHEST_FD, os.sysconf("SC_OPEN_MAX") - 1), 64, -1):
            try:
                os.fstat(number)
            except OSError:
                try:
                    self.fd = os.dup2(low, number, inheritable=False)
                except OSError:
                    return
                os.close(low)
                return

    def fact(self, kind, *fields, at=None):
        """Writes one rare event. fields are "key=value" with escaped values."""
        if kind in self.moments:
            self.look()
        with self.lock:
            ordinal = next(self.ordinals)
            parts = ["%d" % ordinal, "%d" % (clock_ns() if at is None else at), kind]
            parts.extend(fields)
            try:
                self.write(" ".join(parts) + "\n")
            finally:  # a full disk still has room in the segment: a slot without its fact says that facts are lost
                if self.segments:
                    self.put(FACT, float(ordinal))

    def define(self, *parts):
        """Writes one definition line."""
        self.write(" ".join(parts) + "\n")

    # Slots.

    def put(self, word, value):
        """Writes one slot."""
        try:
            i = self.next()
            self.values[i] = value
            self.words[i] = word
        except (IndexError, ValueError):
            self.roll(word, value)

    def roll(self, word, value):
        """Writes one slot for which the caller's segment has no room, into the current or a new one."""
        for _ in range(2):
            try:
                i = self.next()
                self.values[i] = value
                self.words[i] = word
                return
            except (IndexError, ValueError):
                self.map_segment()

    def map_segment(self):
        """Maps the next segment. Its blocks are allocated first: a full disk must not become a SIGBUS in the program."""
        if self.full:
            return
        number = self.segments
        size = min(FIRST_SEGMENT << (2 * number), LARGEST_SEGMENT)
        path = os.path.join(self.directory, "%s.%d.slots" % (self.token, number))
        fd = -1
        try:
            # It is there already if a signal handler of the program raised just here.
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_CLOEXEC", 0), 0o600)
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(fd, 0, size)
            else:
                os.write(fd, bytes(size))
            if self.mmap is None:
                from mmap import mmap  # once, and where it is taken out of sys.modules again

                self.mmap = mmap
            mapped, held = map_file(self.mmap, fd, size)
        except BaseException as exc:
            if fd >= 0:
                os.unlink(path)
            if foreign(exc) or not isinstance(exc, (OSError, ValueError, ImportError)):
                raise
            self.full = True
            self.release()
            self.drop()
            self.changed()
            self.give_back(path)
            self.note("tasks and steps are no longer recorded: %s" % (getattr(exc, "strerror", None) or exc), "stopped=1")
            return
        finally:
            if fd >= 0:
                os.close(fd)
        mapped[: len(SLOTS_HEADER) + 8] = SLOTS_HEADER + number.to_bytes(8, "little")
        self.release()
        self.let_go()
        self.mapping, self.held = mapped, held
        whole = memoryview(mapped)
        self.values = whole[HEADER_BYTES + 8 :][: size - HEADER_BYTES - 8].cast("d")[::2]
        self.words = whole[HEADER_BYTES : size - 8].cast("d")[::2]
        self.next = count().__next__
        self.segments = number + 1
        self.changed()

    def let_go(self):
        """Closes the mapping of the segment before, which would hold memory and a descriptor as long as the process lives."""
        mapping, self.mapping = self.mapping, None
        if mapping is None:
            return
        try:
            if self.held is None or self.owns(*self.held):
                mapping.close()
                return
        except Exception as exc:
            if foreign(exc):
                raise
            # Else somebody still holds a view of it.
        self.keep.append(mapping)

    def changed(self):
        if self.on_new_segment is not None:
            try:
                self.on_new_segment()
            except Exception as exc:
                if foreign(exc):
                    raise
                self.note("a new segment is not used: %s" % type(exc).__name__)

    @staticmethod
    def give_back(path):
        """Removes a segment that could not be made: what it has taken of the disk is needed for facts."""
        try:
            os.unlink(path)
        except OSError:
            pass

    def note(self, text, *fields):
        """Records something that the recorder could not do. Never raises."""
        try:
            self.fact("note_added", "text=" + escape(text[:300]), *fields)
        except Exception as exc:
            if foreign(exc):
                raise
