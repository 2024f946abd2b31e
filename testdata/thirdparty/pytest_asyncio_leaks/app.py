"""Of two tests of pytest-asyncio one leaves a task when its loop ends."""
import asyncio
import sys

import pytest


async def nap():
    await asyncio.sleep(10)


@pytest.mark.asyncio
async def test_leaks():
    asyncio.create_task(nap(), name="left")
    await asyncio.sleep(0.01)


@pytest.mark.asyncio
async def test_right():
    await asyncio.create_task(asyncio.sleep(0.01))


if __name__ == "__main__":
    sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "-W", "ignore", __file__]))
