#!/usr/bin/env python3
"""What the recorder costs a running program: time and instructions with / without it, and the size of the trace.

Times are those of the workload alone (start-up and packing left out), taken in pairs A B A B: without, with, without, …
A cell is min(with) / min(without) of CPU time, then of wall time. Instructions are counted by callgrind in user space at
two sizes, n and 2n, so that start-up cancels out: (on(2n) - on(n)) / (off(2n) - off(n)).
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import common

# name: rounds of a timed run, rounds of a counted one. Units of work: see the workloads.
WORKLOADS = {"storm": (60, 20), "pingpong": (40, 10), "echo": (20, 5), "cpu": (30, 20)}
# Single operations of asyncio; only where --workloads names them.
OPERATIONS = {"cancels": (100, 4), "timeouts": (50, 4), "locks": (100, 2), "jobs": (50, 4), "asyncgens": (50, 2), "events": (50, 2)}
SIZES = {**WORKLOADS, **OPERATIONS}


def run(argv, trace=None, looptrace=None):
    if trace:
        argv = [looptrace, "run", "--quiet", "-f", "-o", trace, "--"] + argv
    p = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=common.environment())
    if p.returncode:
        sys.exit("%s: exit code %d\n%s" % (" ".join(argv), p.returncode, p.stderr.decode("utf-8", "replace")))
    return p


def timed(python, name, rounds, **on):
    return json.loads(run([python, common.workload(name), str(rounds)], **on).stdout.decode())


def ratios(python, name, pairs, scale, on):
    rounds = max(1, int(SIZES[name][0] * scale))
    off_runs, on_runs = [], []
    for _ in range(pairs):
        off_runs.append(timed(python, name, rounds))
        on_runs.append(timed(python, name, rounds, **on))
    return [min(r[k] for r in on_runs) / min(r[k] for r in off_runs) for k in ("cpu", "wall")]


def instructions(python, name, rounds, **on):
    argv = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", python, common.workload(name), str(rounds)]
    found = re.search(rb"Collected : (\d+)", run(argv, **on).stderr)
    return int(found.group(1)) if found else sys.exit("callgrind counted nothing")


def instruction_ratio(python, name, on):
    n = SIZES[name][1]
    with_, without = [instructions(python, name, 2 * n, **o) - instructions(python, name, n, **o) for o in (on, {})]
    return with_ / without


def bytes_per_event(python, name, scale, on):
    run([python, common.workload(name), str(max(1, int(SIZES[name][0] * scale)))], **on)
    report = subprocess.run([on["looptrace"], "report", "--format", "json", on["trace"]], stdout=subprocess.PIPE)
    events = json.loads(report.stdout.decode())["health"]["events"]
    return os.path.getsize(on["trace"]) / max(events, 1), events


def main():
    ap = common.arguments(__doc__.split("\n")[0])
    ap.add_argument("--pairs", type=int, default=5)
    ap.add_argument("--scale", type=float, default=1, help="of the timed runs")
    ap.add_argument("--workloads", default=",".join(WORKLOADS))
    ap.add_argument("--only", choices=("time", "instructions", "size"), help="one of the tables")
    args = ap.parse_args()
    names = args.workloads.split(",")
    pythons = common.interpreters(args.py)
    with tempfile.TemporaryDirectory() as tmp:
        on = {"trace": os.path.join(tmp, "t.ltrace"), "looptrace": common.program(args.looptrace)}
        if args.only in (None, "time"):
            rows = [[v] + ["%.2f / %.2f" % tuple(ratios(p, n, args.pairs, args.scale, on)) for n in names]
                    for v, p in pythons.items()]
            print("CPU time / wall time, with : without, %d pairs\n" % args.pairs)
            common.table(["Python"] + names, rows)
        if args.only in (None, "instructions"):
            if shutil.which("valgrind"):
                print("Instructions (callgrind), with : without\n")
                common.table(["Python"] + names, [[v] + ["%.2f" % instruction_ratio(p, n, on) for n in names]
                                                  for v, p in pythons.items()])
            else:
                print("Instructions: skipped, no valgrind\n")
        if args.only in (None, "size"):
            print("Packed trace, bytes per event (events)\n")
            common.table(["Python"] + names, [[v] + ["%.2f (%d)" % bytes_per_event(p, n, args.scale, on) for n in names]
                                              for v, p in pythons.items()])


if __name__ == "__main__":
    main()
