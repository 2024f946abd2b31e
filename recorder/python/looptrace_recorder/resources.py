"""What a loop opens beside tasks: child processes, transports, servers. Told when it is closed, or when a wait for it begins."""
import itertools
from weakref import WeakValueDictionary, ref

from .facts import Facts
from .inject import around, beside, calls, hook, on_branch
from .names import current_of
from .own import os, sys
from .spool import clock_ns, escape

MOST = 20000  # resources known at a time
TOLD = 200  # resources told at one moment
DEPTH = 24  # frames of the stack of an opening
STANDARD = 2  # the last descriptor of the standard streams
WAITS_FOR_CONNECTIONS = sys.version_info >= (3, 12)  # Server.wait_closed()


class Opened(ref):
    """A transport and what is known of its opening."""

    __slots__ = ("number", "stack", "task", "pid", "began")


class Resources(Facts):
    """The hooks of child processes, transports and servers."""

    HOOKS = ("child_started", "transport_opened", "pipe_opened", "writer_dropped", "server_wait", "server_waited", "server_closed")

    def __init__(self, recording):
        super().__init__(recording)
        self.children = {}  # id of the transport -> Opened
        self.transports = {}
        self.waits = {}  # id of a server -> fields of who waits for its end, while it is open
        self.next = itertools.count(1).__next__

    def put(self, hooks):
        asyncio = self.asyncio
        base = asyncio.base_subprocess.BaseSubprocessTransport
        hooks.put(base.__init__, beside(calls("_start"), after=hook("child_started", "self")))
        opened = "if server is None:\n    " + hook("transport_opened", "self")
        hooks.put(asyncio.selector_events._SelectorTransport.__init__, beside(registers, after=opened))
        if hasattr(asyncio, "unix_events"):
            for kind in (asyncio.unix_events._UnixReadPipeTransport, asyncio.unix_events._UnixWritePipeTransport):
                hooks.put(kind.__init__, beside(keeps("_fileno"), after=hook("pipe_opened", "self, protocol")))
        if "__del__" in asyncio.streams.StreamWriter.__dict__:
            hooks.put(asyncio.streams.StreamWriter.__del__, on_branch("is_closing", hook("writer_dropped", "self")))
        server = asyncio.base_events.Server
        if WAITS_FOR_CONNECTIONS:
            enter = '_lt_hook = "<lt:server_wait>"; _lt_state = _lt_hook(self)'
            hooks.put(server.wait_closed, around(enter, hook("server_waited", "self, _lt_state")))
            hooks.put(server.close, around("pass", hook("server_closed", "self")))

    def drop(self):
        self.children.clear()
        self.transports.clear()
        self.waits.clear()

    # Opened.

    def note(self, table, thing):
        """Keeps sight of a transport that was opened by the caller of the hooked function."""
        if len(table) >= MOST or not self.known(thing._loop):
            return
        key = id(thing)
        known = Opened(thing, lambda gone: table.pop(key, None) if table.get(key) is gone else None)
        known.number = self.next()
        known.stack = self.intern.stack(sys._getframe(4), DEPTH)
        known.pid = self.spool.pid
        known.began = clock_ns()
        loop = self.asyncio.events._get_running_loop()
        task = None if loop is None else current_of(self.asyncio.tasks, loop)
        known.task = None if task is None else ref(task)
        if task is not None:
            self.opener(sys._getframe(4), task, "subprocess" if table is self.children else "transport", known.number)
        table[key] = known

    def known(self, loop):
        """Reports whether a loop is one of asyncio's, and no mock of a test."""
        return issubclass(type(loop), self.asyncio.base_events.BaseEventLoop)

    def child_started(self, transport):
        self.note(self.children, transport)

    def transport_opened(self, transport):
        self.note(self.transports, transport)

    def pipe_opened(self, transport, protocol):
        """The pipes of a child process belong to it, and the standard streams to the process."""
        number = transport._fileno
        own = isinstance(protocol, self.asyncio.base_subprocess.WriteSubprocessPipeProto)
        if not own and type(number) is int and number > STANDARD:
            self.note(self.transports, transport)

    # Left.

    def moment(self, kind, loop, number):
        if kind == "close":
            self.left(self.children, self.child, loop, number, kind)
            self.left(self.transports, self.transport, loop, number, kind)
        elif kind == "exit":
            self.left(self.children, self.child, loop, number, kind)

    def left(self, table, describe, loop, number, kind):
        found = []
        for known in list(table.values()):
            thing = known()
            if thing is not None and known.pid == self.spool.pid and thing._loop is loop:
                fields = describe(thing)
                if fields:
                    found.append((known, fields))
        found.sort(key=lambda f: f[0].number)
        for known, fields in found[:TOLD]:
            self.tell(known, number, kind, fields)

    def tell(self, known, number, moment, fields):
        task = None if known.task is None else known.task()
        if task is not None:
            fields = fields + ["task=@%x" % id(task)]
        self.spool.fact(
            "resource_left", "loop=%d" % number, "stack=%d" % known.stack, "moment=" + moment, "id=%d" % known.number,
            "age=%d" % (clock_ns() - known.began), *fields,
        )

    def child(self, transport):
        """Returns the fields of a child process of whose end its transport has not heard, None for another."""
        pid = transport._pid
        if transport._returncode is not None or transport._closed or not pid:
            return None
        state = "running"
        if hasattr(os, "waitid"):
            try:
                # WNOWAIT: whoever waits for the child still finds it.
                if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                    state = "ended"
            except OSError:
                state = "ended"
        return ["resource=subprocess", "state=" + state, "pid=%d" % pid]

    def transport(self, transport):
        """Returns the fields of a transport that is open, or that was closed with data still to be written."""
        kind = type(transport)
        protocol = transport._protocol
        end = getattr(transport, "_sock", None) or getattr(transport, "_pipe", None)
        if end is None:
            return None
        closing = transport._closing
        if type(protocol) is self.asyncio.sslproto.SSLProtocol and not closing:
            # Over TLS, close() says farewell first, and closes the socket when the other side has answered.
            app = protocol._app_transport
            if app is None or app._closed:
                return None
        unsent = bool(getattr(transport, "_buffer", None))
        if closing and not unsent:
            return None
        return [
            "resource=transport", "name=" + escape(kind.__name__), "state=" + ("closing" if closing else "open"), "unsent=%d" % unsent,
        ]  # fmt: skip

    def writer_dropped(self, writer):
        """A StreamWriter that nobody closed is collected; it closes its transport itself, unless the loop is closed."""
        transport = writer._transport
        inner = getattr(getattr(transport, "_ssl_protocol", None), "_transport", None)
        transport = transport if inner is None else inner
        known = self.transports.get(id(transport))
        if known is not None and known() is transport and not writer._loop._closed:
            fields = ["resource=transport", "name=" + escape(type(transport).__name__), "state=open", "unsent=0"]
            self.tell(known, self.threads.loops(writer._loop), "collected", fields)

    # Servers.

    def connections(self, server):
        """Returns the open connections of a server, and the tasks that serve them."""
        open_now = getattr(server._loop, "_transports", None)
        open_now = list(open_now.values()) if type(open_now) is WeakValueDictionary else []
        transports = [t for t in open_now if getattr(t, "_server", None) is server]
        tasks = []
        for transport in transports:
            protocol = transport._protocol
            if type(protocol) is self.asyncio.sslproto.SSLProtocol:
                protocol = protocol._app_protocol
            task = getattr(protocol, "_task", None) if isinstance(protocol, self.asyncio.streams.StreamReaderProtocol) else None
            if isinstance(task, (self.live.Task, self.live.PyTask)) and not self.live.done(task):
                tasks.append(task)
        return transports, tasks

    def server_wait(self, server):
        """wait_closed() begins. Returns what its end needs, None if there is nothing to wait for."""
        if server._waiters is None or len(self.waits) >= MOST or not self.known(server._loop):
            return None
        caught = sys.exc_info()[1]
        fields = ["loop=%d" % self.threads.loops(server._loop)] + self.where() + self.running_task(server._loop)
        fields += ["moment=wait-closed", "resource=server", "id=%d" % self.next()]
        if server._sockets is None:
            self.tell_server(server, fields)
        self.waits[id(server)] = fields
        return fields[-1], None if caught is None else id(caught)

    def server_closed(self, server):
        fields = self.waits.get(id(server))
        if fields is not None and server._sockets is None and server._waiters is not None:
            self.tell_server(server, fields)

    def tell_server(self, server, fields):
        transports, tasks = self.connections(server)
        if transports:
            told = ["state=closing", "count=%d" % len(transports)]
            if tasks:
                told.append("tasks=" + ",".join(["@%x" % id(t) for t in tasks[:TOLD]]))
            self.spool.fact("resource_left", *(fields + told))

    def server_waited(self, server, state):
        """wait_closed() is over; the count says how many connections are still open."""
        if state is None:
            return
        self.waits.pop(id(server), None)
        number, caught = state
        exc = sys.exc_info()[1]
        how = "raised" if exc is not None and id(exc) != caught else "returned"
        transports, _ = self.connections(server)
        self.spool.fact("resource_ended", "resource=server", number, "state=" + how, "count=%d" % len(transports))


def keeps(attribute):
    """Returns a match for self.attribute = …, other than None."""

    def match(statement):
        target = getattr(statement, "targets", [None])[0]
        return getattr(target, "attr", None) == attribute and getattr(statement.value, "value", statement) is not None

    return match


def registers(statement):
    """Matches loop._transports[…] = self."""
    target = getattr(statement, "targets", [None])[0]
    return getattr(getattr(target, "value", None), "attr", None) == "_transports"
