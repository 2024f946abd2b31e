import asyncio
import unittest

from post import audit, fetch, spawn


class Common:
    """Five tests for each of several keys."""

    key = 0

    async def test_fetch(self):
        self.assertEqual(await fetch(self.key), 2 * self.key)

    async def test_in_task(self):
        self.assertEqual(await spawn(fetch(self.key)), 2 * self.key)

    async def test_gather(self):
        self.assertEqual(await asyncio.gather(fetch(self.key), fetch(1)), [2 * self.key, 2])

    async def test_timeout(self):
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(fetch(self.key, 5), 0.01)

    async def test_cancel(self):
        task = spawn(fetch(self.key, 5))
        await asyncio.sleep(0)
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task


class TestZero(Common, unittest.IsolatedAsyncioTestCase):
    pass


class TestOne(Common, unittest.IsolatedAsyncioTestCase):
    key = 1


class TestTwo(Common, unittest.IsolatedAsyncioTestCase):
    key = 2


class TestThree(Common, unittest.IsolatedAsyncioTestCase):
    key = 3


class TestErrors(unittest.IsolatedAsyncioTestCase):
    async def test_missing(self):
        with self.assertRaises(LookupError):
            await fetch(-1)

    async def test_nobody_asks(self):
        spawn(fetch(-1))  # leaks: its exception is never retrieved
        await asyncio.sleep(0.02)

    async def test_gather_leaves_siblings(self):
        with self.assertRaises(LookupError):
            await asyncio.gather(fetch(-1), fetch(3, 60))  # leaks: the other one goes on

    async def test_subtests(self):
        for key in range(3):
            with self.subTest(key=key):
                self.assertEqual(await fetch(key), 2 * key)


class TestAudit(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.log = []

    async def test_awaited(self):
        await audit("x", self.log)
        self.assertEqual(self.log, ["x"])

    async def test_not_awaited(self):
        audit("y", self.log)  # leaks: never awaited
        self.assertEqual(self.log, [])

    async def test_in_task(self):
        await asyncio.ensure_future(audit("z", self.log))
        self.assertEqual(self.log, ["z"])

    def test_own_run(self):
        asyncio.run(audit("z", self.log))
        self.assertEqual(self.log, ["z"])


if __name__ == "__main__":
    unittest.main()
