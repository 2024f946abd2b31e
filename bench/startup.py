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


def with_recorder(argv, tmp):
    """In a fresh directory each time, as looptrace run does it."""
    directory = tempfile.mkdtemp(dir=tmp)
    recorder, spool = os.path.join(directory, "recorder"), os.path.join(directory, "spool")
    os.mkdir(spool)
    shutil.copytree(RECORDER, recorder, ignore=shutil.ignore_patterns("__pycache__", "*.go", "tests"))
    env = common.environment(PYTHONPATH=recorder, LOOPTRACE_RECORDER_DIR=recorder, LOOPTRACE_SPOOL=spool)
    took = once(argv, env)
    shutil.rmtree(directory)
    return took


def measure(python, code, looptrace, times, tmp):
    argv = [python, "-c", code]
    run = [looptrace, "run", "--quiet", "-f", "-o", os.path.join(tmp, "t.ltrace"), "--"] + argv
    off, recorder, whole = [], [], []
    for _ in range(times):
        off.append(once(argv, common.environment()))
        recorder.append(with_recorder(argv, tmp))
        whole.append(once(run, common.environment()))
    return off, recorder, whole


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
                off, recorder, whole = measure(python, code, looptrace, args.times, tmp)
                rows.append([version, "`%s`" % code, "%.1f" % min(off), added(recorder, off), added(whole, off)])
    print("Start-up in ms: minimum / median of %d\n" % args.times)
    common.table(["Python", "program", "plain", "recorder adds", "looptrace run adds"], rows)


if __name__ == "__main__":
    main()
