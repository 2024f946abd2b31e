"""Compiled templates kept between runs: to parse and compile anew what is put into asyncio takes longer than to import it."""
import marshal
import os
import sys


class Templates:
    """Code objects by key, in a file beside this package. Without the file, or where it cannot be written, nothing is lost."""

    def __init__(self, directory, of="asyncio"):
        self.path = os.path.join(directory, "templates.%s-%x.%s" % (sys.implementation.cache_tag, sys.hexversion, of))
        self.stamps = {}
        self.changed = False
        try:
            with open(self.path, "rb") as f:
                self.known = marshal.loads(f.read())
        except Exception:
            self.known = {}

    def stamp(self, file):
        """Returns what changes when a file does."""
        found = self.stamps.get(file)
        if found is None:
            try:
                s = os.stat(file)
                found = "%s %d %d %d" % (file, s.st_mtime_ns, s.st_size, sys.flags.optimize)
            except OSError:
                found = file
            self.stamps[file] = found
        return found

    def get(self, code, variant, make):
        """Returns the template for a function's code with a variant of statements, made by make if it is not known."""
        key = (self.stamp(code.co_filename), code.co_name, code.co_firstlineno, variant)
        if key not in self.known:
            self.known[key] = make()
            self.changed = True
        return self.known[key]

    def source(self, name, make):
        """Returns the code of a source of our own, likewise."""
        if name not in self.known:
            self.known[name] = compile(make(), name, "exec")
            self.changed = True
        return self.known[name]

    def save(self):
        """Writes the templates if some are new: whole, under a name of its own first."""
        if not self.changed:
            return
        self.changed = False
        temporary = "%s.%d" % (self.path, os.getpid())
        try:
            fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600)
            try:
                os.write(fd, marshal.dumps(self.known))
            finally:
                os.close(fd)
            os.rename(temporary, self.path)
        except (OSError, ValueError):
            pass
