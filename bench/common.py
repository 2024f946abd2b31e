"""What the measuring scripts share: interpreters, quiet runs, Markdown tables."""
import argparse
import glob
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def arguments(description):
    ap = argparse.ArgumentParser(description=description)
    ap.add_argument("--looptrace", default=os.environ.get("LOOPTRACE", "./looptrace"), help="the program")
    ap.add_argument("--py", help="versions, such as 3.8,3.13 (default: all found)")
    return ap


def program(path):
    found = shutil.which(path)
    if not found:
        sys.exit("no looptrace program at %s: make build" % path)
    return os.path.abspath(found)


def interpreters(wanted):
    """{"3.13": path}, by version: of $LOOPTRACE_PYTHONS, else pyenv's and those on PATH."""
    listed = os.environ.get("LOOPTRACE_PYTHONS")
    root = os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")
    candidates = listed.split(":") if listed else sorted(glob.glob(os.path.join(root, "versions", "3.*", "bin", "python")))
    if not listed:
        candidates += [p for p in (shutil.which("python3.%d" % n) for n in range(8, 16)) if p]
        candidates += [p for p in (shutil.which("python3"),) if p]
    found = {}
    for c in candidates:
        version = version_of(c)
        if version and (not wanted or version in wanted.split(",")):
            found.setdefault(version, c)
    if not found:
        sys.exit("no Python 3.8+ found")
    return dict(sorted(found.items(), key=lambda kv: [int(n) for n in kv[0].split(".")]))


def version_of(python):
    try:
        out = subprocess.run([python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=30).stdout.decode().strip()
    except (OSError, subprocess.TimeoutExpired):
        return None
    return out if re.match(r"3\.([89]|\d\d)$", out) else None


def environment(**more):
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    env.update(PYTHONHASHSEED="0", **more)
    return env


def workload(name):
    return os.path.join(HERE, "workloads", name + ".py")


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + " --- |" * len(head))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print(flush=True)
