"""Checks traces in Perfetto's format, FILE.pftrace, against what looptrace says of the same runs in FILE.tasks.json.

Perfetto's own message classes must know every field, and its trace processor must import the trace without an error and show
the tasks, their ends, the nesting and the flows.
"""
import json
import sys

from perfetto.protos.perfetto.trace import perfetto_trace_pb2
from traceprocessor import TraceProcessor, each, expect

try:
    from google.protobuf.unknown_fields import UnknownFieldSet
except ImportError:
    UnknownFieldSet = None
LAST_STABLE = 57  # of TrackEvent; the fields behind it are older ones that Chrome and Android keep to themselves
PRIVATE = {5, 21} | set(range(24, 30)) | {32, 33, 34, 35, 38, 39, 40, 41, 43, 49, 50, 1, 16, 2, 17, 8, 20, 6}


def unknown(message, path=""):
    """Yields the fields that Perfetto does not have."""
    for field in UnknownFieldSet(message):
        yield "%s: unknown field %d" % (path or "trace", field.field_number)
    for descriptor, value in message.ListFields():
        if descriptor.message_type is None:
            continue
        for nested in value if hasattr(value, "add") else [value]:
            yield from unknown(nested, path + "/" + descriptor.name)


def messages(file, wrong):
    """Checks the file as messages and returns how many events carry a call stack, and how many flows there are."""
    trace = perfetto_trace_pb2.Trace()
    with open(file, "rb") as f:
        trace.ParseFromString(f.read())
    wrong.extend(sorted(set(unknown(trace)))[:5])
    events = [p.track_event for p in trace.packet if p.HasField("track_event")]
    for e in events:
        for descriptor, _ in e.ListFields():
            if descriptor.number in PRIVATE or descriptor.number > LAST_STABLE:
                wrong.append("TrackEvent.%s is not for the public" % descriptor.name)
    begun = sum(e.type != e.TYPE_SLICE_END for e in events)
    return begun, sum(e.HasField("callstack") for e in events), sorted(i for e in events for i in e.flow_ids)


def check(file, wrong):
    begun, stacks, flows = messages(file, wrong)
    with open(file[: -len(".pftrace")] + ".tasks.json") as f:
        tasks = {t["id"]: t for t in json.load(f)}
    tp = TraceProcessor(file)
    errors = tp.errors()
    # This release of the trace processor is older than call stacks at events, and counts each as an extension.
    expect(wrong, "events with stacks", errors.pop("unknown_extension_fields", stacks), stacks)
    expect(wrong, "errors of the import", errors, {})
    expect(wrong, "slices", tp.value("select count() from slice"), begun)
    shown = tp.rows(
        "select extract_arg(arg_set_id, 'debug.id'), dur, depth, extract_arg(arg_set_id, 'debug.outcome') from slice where category = 'task'"
    )
    expect(wrong, "tasks", sorted(row[0] for row in shown), sorted(tasks))
    for number, duration, depth, outcome in shown:
        expect(wrong, "task %d has not ended" % number, duration == -1, tasks[number]["ended_ns"] is None)
        expect(wrong, "depth of task %d" % number, depth, 0)
        if duration != -1 and outcome in ("returned", "raised", "cancelled") and tasks[number]["spawned_ns"]:
            expect(wrong, "life of task %d" % number, duration >= 0, True)
    expect(wrong, "flows", tp.value("select count() from flow"), len(flows) // 2)
    expect(wrong, "flows with two ends", flows[::2], flows[1::2])
    outside = "select count() from slice s join slice p on p.id = s.parent_id where s.ts < p.ts or p.dur >= 0 and s.ts + s.dur > p.ts + p.dur"
    expect(wrong, "slices that leave the one around them", tp.value(outside), 0)
    inside = "select count() from slice s join slice p on p.id = s.parent_id where s.category in ('step', 'wait') and p.category != 'task'"
    expect(wrong, "steps in something that is no task", tp.value(inside), 0)
    orphans = "select count() from slice s join track t on t.id = s.track_id where s.category = 'task' and t.parent_id is null"
    expect(wrong, "tasks on tracks without a loop", tp.value(orphans), 0)
    tp.close()


each(sys.argv[1:], check)
