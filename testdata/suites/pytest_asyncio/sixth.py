"""Collected only when it is named: a sixth leak, through the helper that leaks in tests/test_outbox.py already."""
from post import Outbox

outboxes = []


async def test_forgets_to_stop_too():
    box = Outbox()
    outboxes.append(box)
    box.start()  # leaks: nobody stops it
    await box.send("y")
