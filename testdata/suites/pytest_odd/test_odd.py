"""Each test but the first drops a task, in surroundings in which it is hard to tell which test runs."""
import asyncio
import os
import subprocess
import sys
import threading
from unittest import mock

import pytest


async def nap():
    await asyncio.sleep(9)


async def main():
    asyncio.get_event_loop().create_task(nap())


def run():
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    loop.close()


def test_right():
    asyncio.run(asyncio.sleep(0))


def test_environment_cleared():
    with mock.patch.dict(os.environ, {}, clear=True):
        run()


def test_environment_replaced(monkeypatch):
    monkeypatch.setattr(os, "environ", {"a": "b"})
    run()


def test_in_thread():
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def test_in_child():
    subprocess.run([sys.executable, "-c", "import test_odd; test_odd.run()"], check=True, cwd=os.path.dirname(__file__))


def test_in_fork():
    pid = os.fork()
    if not pid:
        run()
        os._exit(0)
    os.waitpid(pid, 0)


@pytest.mark.parametrize("text", [pytest.param(1, id="a::b [c] (call)"), pytest.param(2, id="x" * 3000)])
def test_named(text):
    run()
