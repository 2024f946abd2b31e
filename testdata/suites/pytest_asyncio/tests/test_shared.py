import asyncio

import pytest

from post import audit

scope = pytest.mark.asyncio(loop_scope="session")


@scope
async def test_first(shared):
    await shared.send("first")
    assert "first" in shared.sent


@scope
@pytest.mark.parametrize("n", range(3))
async def test_more(shared, n):
    await shared.send(n)
    assert n in shared.sent


@scope
async def test_idle(shared):
    await asyncio.sleep(0)


@pytest.fixture
def log():
    return []


async def test_audit(log):
    await audit("x", log)
    assert log == ["x"]


async def test_audit_not_awaited(log):
    audit("y", log)  # leaks: never awaited
    assert log == []


async def test_audit_in_task(log):
    await asyncio.ensure_future(audit("z", log))
    assert log == ["z"]
