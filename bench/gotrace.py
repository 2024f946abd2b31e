"""Times looptrace and go tool trace on one trace; see gotrace.sh, which makes it."""

import os
import re
import subprocess
import sys
import time
import urllib.request


def wait(process: subprocess.Popen) -> tuple[float, float]:
    """Returns the CPU seconds and the peak MB of a process that ends."""
    _, _, usage = os.wait4(process.pid, 0)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def timed(command: list[str], out: str) -> tuple[float, float, float]:
    """Returns wall seconds, CPU seconds and peak MB of a command."""
    with open(out, "wb") as file:
        begun = time.monotonic()
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL)
        cpu, peak = wait(process)
        return time.monotonic() - begun, cpu, peak


def served(trace: str, limit: float) -> tuple[float, float, float] | None:
    """Returns the same of go tool trace until its first page answers; None if it does not within the limit."""
    tool = subprocess.run(["go", "tool", "-n", "trace"], check=True, capture_output=True, text=True).stdout.strip()
    begun = time.monotonic()
    process = subprocess.Popen(
        [tool, "-http=127.0.0.1:0", trace], stderr=subprocess.PIPE, env={**os.environ, "BROWSER": "true"}
    )
    address = None
    os.set_blocking(process.stderr.fileno(), False)
    said = b""
    while address is None and time.monotonic() - begun < limit:
        said += process.stderr.read() or b""
        found = re.search(rb"http://127\.0\.0\.1:\d+", said)
        address = found and found.group().decode()
        time.sleep(0.02)
    if address is not None:
        urllib.request.urlopen(address, timeout=limit).read()
    wall = time.monotonic() - begun
    process.kill()
    cpu, peak = wait(process)
    return (wall, cpu, peak) if address else None


def main() -> None:
    work, runs, limit = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    trace, looptrace = f"{work}/go.trace", f"{work}/looptrace"
    out = f"{work}/out"
    rows = {
        "`looptrace tasks --at end`": lambda: timed([looptrace, "tasks", "--at", "end", trace], out),
        "`looptrace report`": lambda: timed([looptrace, "report", trace], out),
        "`go tool trace`, until its page answers": lambda: served(trace, limit),
    }
    size = os.path.getsize(trace) / 2**20
    print(f"{size:.1f} MiB, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}\n")
    print("| | wall s | CPU s | peak MB |\n| --- | --- | --- | --- |")
    for name, run in rows.items():
        results = [r for r in (run() for _ in range(runs)) if r]
        if not results:
            print(f"| {name} | > {limit:.0f} | | |")
            continue
        wall, cpu, peak = min(results)
        print(f"| {name} | {wall:.2f} | {cpu:.2f} | {peak:.0f} |", flush=True)
    check(work, looptrace, trace)


def check(work: str, looptrace: str, trace: str) -> None:
    """Says whether looptrace found what the program says that it left."""
    listed = subprocess.run([looptrace, "tasks", "--at", "end", trace], capture_output=True, text=True).stdout
    with open(f"{work}/truth") as file:
        truth = [line.split() for line in file if " main." in line]
    wrong = [name for count, name in truth if len(re.findall(re.escape(name) + r"\b", listed)) != int(count)]
    print(f"\nfound: {len(truth) - len(wrong)} of {len(truth)} kinds of goroutines that were left" + "".join(f"; not {w}" for w in wrong))


main()
