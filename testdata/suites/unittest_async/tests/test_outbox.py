import asyncio
import unittest

from post import Outbox, Server, shout

outboxes = []
lines = []


class TestOutbox(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.box = Outbox()
        self.box.start()

    async def asyncTearDown(self):
        await self.box.stop()

    async def test_one(self):
        await self.box.send("a")
        self.assertEqual(self.box.sent, ["a"])

    async def test_several(self):
        for mail in "abc":
            await self.box.send(mail)
        self.assertEqual(self.box.sent, ["a", "b", "c"])

    async def test_none(self):
        self.assertEqual(self.box.sent, [])

    async def test_stop_twice(self):
        await self.box.stop()

    async def test_forgets_another(self):
        box = Outbox()
        outboxes.append(box)
        box.start()  # leaks: nobody stops it
        await box.send("x")
        self.assertEqual(box.sent, ["x"])


class TestServer(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.server = Server()
        await self.server.start()
        self.addAsyncCleanup(self.server.stop)

    async def test_shout(self):
        self.assertEqual(await shout(self.server.address, "a"), "A")

    async def test_words(self):
        self.assertEqual(await shout(self.server.address, "two words"), "TWO WORDS")

    async def test_at_once(self):
        self.assertEqual(await asyncio.gather(*[shout(self.server.address, t) for t in "abc"]), ["A", "B", "C"])

    async def test_hangs_up(self):
        reader, writer = await asyncio.open_connection(*self.server.address)
        writer.write_eof()
        self.assertEqual(await reader.read(), b"")
        writer.close()
        await writer.wait_closed()

    async def test_keeps_the_line_open(self):
        reader, writer = await asyncio.open_connection(*self.server.address)  # leaks: nobody closes it
        lines.append(writer)
        writer.write(b"x\n")
        self.assertEqual(await reader.readline(), b"X\n")

    async def test_empty(self):
        self.assertEqual(await shout(self.server.address, ""), "")

    async def test_waits(self):
        await asyncio.sleep(0.001)


if __name__ == "__main__":
    unittest.main()
