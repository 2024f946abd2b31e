"""Run only when it is named: a sixth leak, through the helper that leaks in test_outbox.py already."""
import unittest

from post import Outbox

outboxes = []


class TestMore(unittest.IsolatedAsyncioTestCase):
    async def test_forgets_one_too(self):
        box = Outbox()
        outboxes.append(box)
        box.start()  # leaks: nobody stops it
        await box.send("y")
