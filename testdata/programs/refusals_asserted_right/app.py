"""Tests which say that asyncio refuses a call: that it does is what they are about."""
import asyncio
import unittest


async def answer():
    return 42


class Refused(unittest.IsolatedAsyncioTestCase):
    async def test_run_in_a_coroutine(self):
        coro = answer()
        with self.assertRaises(RuntimeError):
            asyncio.run(coro)
        coro.close()

    async def test_running_loop(self):
        coro = answer()
        with self.assertRaisesRegex(RuntimeError, "running"):
            asyncio.get_running_loop().run_until_complete(coro)
        coro.close()

    async def test_second_loop(self):
        loop = asyncio.new_event_loop()
        with self.assertRaises((RuntimeError, ValueError)):
            loop.run_forever()
        loop.close()

    async def test_close(self):
        with self.assertRaises(Exception):  # noqa: B017
            asyncio.get_running_loop().close()

    async def test_close_as_a_function(self):
        self.assertRaises(RuntimeError, asyncio.get_running_loop().close)

    def test_closed(self):
        loop = asyncio.new_event_loop()
        loop.close()
        with self.assertRaises(RuntimeError):
            loop.call_soon(print)
        with self.assertRaises(expected_exception=RuntimeError):
            loop.call_later(0, print)

    async def test_forgotten_coroutine(self):
        with self.assertRaises(RuntimeError):
            asyncio.run(answer())

    def test_no_loop(self):
        with self.assertRaises(RuntimeError):
            asyncio.create_task(answer())

    async def test_lock(self):
        with self.assertRaises(RuntimeError):
            asyncio.Lock().release()


if __name__ == "__main__":
    unittest.main(verbosity=0)
