import asyncio

import pytest

from post import fetch, spawn


@pytest.mark.parametrize("key", range(6))
async def test_fetch(key):
    assert await fetch(key) == 2 * key


async def test_missing():
    with pytest.raises(LookupError):
        await fetch(-1)


async def test_many():
    assert await asyncio.gather(*[fetch(k) for k in range(10)]) == [2 * k for k in range(10)]


async def test_first_of_many():
    done, pending = await asyncio.wait({spawn(fetch(1)), spawn(fetch(2, 5))}, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    assert [t.result() for t in done] == [2]


async def test_timeout():
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(fetch(1, 5), 0.01)


async def test_nobody_asks():
    spawn(fetch(-1))  # leaks: its exception is never retrieved
    await asyncio.sleep(0.02)


async def test_gather_fails():
    with pytest.raises(LookupError):
        await asyncio.gather(fetch(-1), fetch(3, 0.02), return_exceptions=False)
    await asyncio.sleep(0.05)


async def test_gather_leaves_siblings():
    with pytest.raises(LookupError):
        await asyncio.gather(fetch(-1), fetch(3, 60))  # leaks: the other one goes on
