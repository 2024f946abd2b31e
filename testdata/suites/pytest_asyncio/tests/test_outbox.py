import asyncio

import pytest

from post import Outbox, spawn

outboxes = []


async def test_one(outbox):
    await outbox.send("a")
    assert outbox.sent == ["a"]


async def test_several(outbox):
    for mail in "abc":
        await outbox.send(mail)
    assert outbox.sent == ["a", "b", "c"]


@pytest.mark.parametrize("mail", ["plain", "two words", "a::b", "ümläut", "x (call)"])
async def test_any(outbox, mail):
    await outbox.send(mail)
    assert outbox.sent == [mail]


async def test_stop_twice(outbox):
    await outbox.stop()


async def test_restart():
    box = Outbox()
    for _ in range(2):
        box.start()
        await box.send("x")
        await box.stop()
    assert box.sent == ["x", "x"]


async def test_forgets_to_stop():
    box = Outbox()
    outboxes.append(box)
    box.start()  # leaks: nobody stops it
    await box.send("x")
    assert box.sent == ["x"]


class TestSpawn:
    async def test_awaited(self):
        async def work():
            await asyncio.sleep(0)
            return 3

        assert await spawn(work()) == 3

    async def test_cancelled(self):
        task = spawn(asyncio.sleep(60))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
