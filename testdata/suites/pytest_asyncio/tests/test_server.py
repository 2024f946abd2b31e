import asyncio

import pytest

from post import shout

lines = []


@pytest.mark.parametrize("text", ["a", "b c", "d"])
async def test_shout(server, text):
    assert await shout(server.address, text) == text.upper()


async def test_at_once(server):
    assert await asyncio.gather(*[shout(server.address, t) for t in "abc"]) == ["A", "B", "C"]


async def test_hangs_up(server):
    reader, writer = await asyncio.open_connection(*server.address)
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def test_keeps_the_line_open(server):
    reader, writer = await asyncio.open_connection(*server.address)  # leaks: nobody closes it
    lines.append(writer)
    writer.write(b"x\n")
    assert await reader.readline() == b"X\n"


async def test_says_nothing():
    assert shout.__name__ == "shout"
