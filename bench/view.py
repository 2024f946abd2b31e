#!/usr/bin/env python3
"""How long `looptrace view` takes to answer a key, in a real terminal (tmux).

Each time is from before the key is sent until the screen shows what it should, as `tmux capture-pane` tells it: the least and
the median of several; "tmux alone" is the same for a letter that `cat` echoes. --captures keeps what was shown.
"""
import argparse
import os
import statistics
import subprocess
import tempfile
import time

import common

WIDTH, HEIGHT = 130, 40


class Terminal:
    def __init__(self, command):
        self.server = ["tmux", "-L", "looptrace-bench-%d-%d" % (os.getpid(), time.monotonic_ns()), "-f", "/dev/null"]
        env = dict(os.environ, LC_ALL="C.UTF-8", TERM="xterm-256color")
        env.pop("TMUX", None)
        self.tmux("new-session", "-d", "-s", "b", "-x", str(WIDTH), "-y", str(HEIGHT), *command, env=env)

    def tmux(self, *args, env=None):
        return subprocess.run(self.server + list(args), env=env, stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout

    def screen(self):
        return self.tmux("capture-pane", "-p", "-t", "b")

    def until(self, shown):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            screen = self.screen()
            if shown(screen):
                return screen
        raise SystemExit("bench/view.py: this is not what was waited for:\n" + screen)

    def press(self, keys, shown):
        """Sends keys and returns how many ms it took until the screen showed what it should."""
        began = time.perf_counter()
        self.tmux("send-keys", "-t", "b", *keys)
        self.until(shown)
        return (time.perf_counter() - began) * 1e3

    def memory(self):
        pid = self.tmux("list-panes", "-t", "b", "-F", "#{pane_pid}").strip()
        with open("/proc/%s/status" % pid) as f:
            fields = dict(line.split(":", 1) for line in f if ":" in line)
        return [int(fields[name].split()[0]) / 1e3 for name in ("VmHWM", "VmRSS")]

    def end(self):
        subprocess.run(self.server + ["kill-server"], stderr=subprocess.DEVNULL)


class Bench:
    def __init__(self, terminal, times, captures):
        self.terminal, self.times, self.captures, self.rows = terminal, times, captures, []

    def __call__(self, what, *presses, name=None):
        """Measures presses of (keys, text of the status line), the first of each round; the others lead back."""
        took = []
        for _ in range(self.times):
            for i, (keys, text) in enumerate(presses):
                ms = self.terminal.press(keys, lambda s, text=text: text in s and "sorting..." not in s and "searching..." not in s)
                if i == 0:
                    took.append(ms)
                    self.keep(name)
                time.sleep(0.1)  # an escape and what follows it are two keys
        self.add(what, took)

    def add(self, what, took):
        self.rows.append((what, min(took), statistics.median(took)))

    def keep(self, name):
        if self.captures and name:
            with open(os.path.join(self.captures, name + ".txt"), "w") as f:
                f.write(self.terminal.screen())


def run(b, tasks):
    n = "%d tasks" % tasks
    b("down", (["Down"], "2 of " + n), (["Up"], "1 of " + n))
    b("a page down", (["Space"], "36 of " + n), (["g"], "1 of " + n))
    b("to the last", (["G"], "%d of %s" % (tasks, n)), (["g"], "1 of " + n))
    b("invert the order", (["i"], "smallest first"), (["i"], "largest first"))
    columns = ("ID", "State", "Name", "Total", "Busy", "Idle", "Steps", "Location", "Awaiting")
    for column in columns:
        b.add("sort by %s, first time" % column, [b.terminal.press(["l"], lambda s, c=column: "by %s, " % c in s and "sorting" not in s)])
    b("sort by a column again", (["h"], "by Location"), (["l"], "by Awaiting"))
    for _ in columns:
        b.terminal.press(["h"], lambda s: "sorting" not in s)
        time.sleep(0.1)
    b.terminal.press(["g"], lambda s: "1 of " + n in s)
    b("filter by a text", (["/", "handler7"], "/handler7_   "), (["Escape"], " of %s by" % n))
    b("filter nobody passes", (["/", "nobody"], "no task   enter"), (["Escape"], " of %s by" % n))
    b("story of a task", (["Enter"], ": p50"), (["Escape"], "of " + n), name="story")
    b("why it waits", (["w"], "has the future"), (["Escape"], "of " + n), name="why")
    b("findings", (["f"], "[f findings"), (["t"], "[t tasks"), name="findings")
    b.terminal.press(["f"], lambda s: "[f findings" in s)
    b("a finding", (["Enter"], "closed by"), (["Escape"], "[f findings 1]"), name="finding")
    b("its tasks", (["a"], "of finding 1"), (["f"], "[f findings"), name="tasks-of-finding")
    b.terminal.press(["r"], lambda s: "[r loops" in s)
    b("a loop", (["Enter"], "opened at"), (["Escape"], "enter opens it"), name="loop")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--looptrace", default="looptrace")
    parser.add_argument("--tasks", type=int, default=1000000)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--captures", help="directory to keep what was shown in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as tmp:
        trace = os.path.join(tmp, "tasks.ltrace")
        root = os.path.dirname(common.HERE)
        subprocess.run(["go", "run", "./bench/tasktrace", "-tasks", str(options.tasks), "-o", trace], cwd=root, check=True)
        cat = Terminal(["cat"])
        alone = [cat.press(["x"], lambda s, n=n: "x" * n in s) for n in range(1, 12)]
        cat.end()
        began = time.perf_counter()
        terminal = Terminal([os.path.abspath(options.looptrace), "view", trace])
        try:
            terminal.until(lambda s: "by Warn" in s)
            opened = time.perf_counter() - began
            time.sleep(1)  # memory is given back
            b = Bench(terminal, options.times, options.captures)
            b.add("tmux alone", alone)
            b.keep("tasks")
            run(b, options.tasks)
            most, now = terminal.memory()
        finally:
            terminal.end()
    print("\nopened after %.1f s; %.0f MB at most, %.0f MB in the end\n" % (opened, most, now))
    print("| key | least ms | median |\n| --- | --- | --- |")
    for row in b.rows:
        print("| %s | %.0f | %.0f |" % row)


if __name__ == "__main__":
    main()
