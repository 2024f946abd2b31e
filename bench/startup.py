#!/usr/bin/env python3
"""What the recorder adds to the start of an interpreter.

"recorder" is the interpreter with the recorder in it against the one without; "run" is the whole of `looptrace run`, with
its own start, the packing and the clean-up. Wall time in ms, alternating, minimum and median.
"""
import os
import shutil
import statistics
import subprocess
import tempfile
import time

import common

PROGRAMS = ("pass", "import asyncio")
RECORDER = os.path.join(os.path.dirname(common.HERE), "recorder", "python")


def once(argv, env):
    began = time.perf_counter()
    subprocess.run(argv, env=env, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - began) * 1e3


def with_recorder(argv, recorder, tmp):
    spool = tempfile.mkdtemp(dir=tmp)
    took = once(argv, common.environment(PYTHONPATH=recorder, LOOPTRACE_RECORDER_DIR=recorder, LOOPTRACE_SPOOL=spool))
    shutil.rmtree(spool)
    return took


def fresh(tmp):
    """Returns a new copy of the recorder, as looptrace run extracts it when it is not in the cache."""
    recorder = os.path.join(tempfile.mkdtemp(dir=tmp), "recorder")
    shutil.copytree(RECORDER, recorder, ignore=shutil.ignore_patterns("__pycache__", "*.go", "tests", "templates.cpython*"))
    return recorder


def measure(python, code, looptrace, times, tmp):
    argv = [python, "-c", code]
    run = [looptrace, "run", "--quiet", "-f", "-o", os.path.join(tmp, "t.ltrace"), "--"] + argv
    off, first, later, whole = [], [], [], []
    kept = fresh(tmp)
    with_recorder(argv, kept, tmp)
    for n in range(times):
        off.append(once(argv, common.environment()))
        later.append(with_recorder(argv, kept, tmp))
        whole.append(once(run, common.environment()))
        if n < 5:
            first.append(with_recorder(argv, fresh(tmp), tmp))
    return off, first, later, whole


def added(on, off):
    return "%+.1f / %+.1f" % (min(on) - min(off), statistics.median(on) - statistics.median(off))


def main():
    ap = common.arguments(__doc__.split("\n")[0])
    ap.add_argument("--times", type=int, default=15)
    args = ap.parse_args()
    looptrace = common.program(args.looptrace)
    rows = []
    with tempfile.TemporaryDirectory() as tmp:
        for version, python in common.interpreters(args.py).items():
            for code in PROGRAMS:
                off, first, later, whole = measure(python, code, looptrace, args.times, tmp)
                row = [version, "`%s`" % code, "%.1f" % min(off)]
                rows.append(row + [added(later, off), added(first, off), added(whole, off)])
    print("Start-up in ms: minimum / median of %d\n" % args.times)
    common.table(["Python", "program", "plain", "recorder adds", "the first time", "looptrace run adds"], rows)


if __name__ == "__main__":
    main()
