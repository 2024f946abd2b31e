"""Checks traces in Chrome's format, FILE.json, against what looptrace says of the same runs in FILE.tasks.json.

Perfetto's trace processor must import them without an error and show the tasks, their ends and the flows.
"""
import json
import sys

from traceprocessor import TraceProcessor, each, expect


def check(file, wrong):
    with open(file, encoding="utf-8") as f:
        events = json.load(f)["traceEvents"]
    with open(file[: -len(".json")] + ".tasks.json") as f:
        tasks = {t["id"]: t for t in json.load(f)}
    tp = TraceProcessor(file)
    expect(wrong, "errors of the import", tp.errors(), {})
    expect(wrong, "slices", tp.value("select count() from slice"), sum(e["ph"] in "Xbin" for e in events))
    number = "extract_arg(arg_set_id, 'args.id')"
    shown = tp.rows("select %s, dur from slice where category = 'task' and %s is not null" % (number, number))
    expect(wrong, "tasks", sorted(int(row[0]) for row in shown), sorted(tasks))
    for number, duration in shown:
        expect(wrong, "task %s has not ended" % number, duration == -1, tasks[int(number)]["ended_ns"] is None)
    expect(wrong, "flows", tp.value("select count() from flow"), sum(e["ph"] == "s" for e in events))
    outside = "select count() from slice s join slice p on p.id = s.parent_id where s.ts < p.ts or p.dur >= 0 and s.ts + s.dur > p.ts + p.dur"
    expect(wrong, "slices that leave the one around them", tp.value(outside), 0)
    tp.close()


each(sys.argv[1:], check)
