import os

import pytest
import pytest_asyncio

from post import Outbox, Server

SCOPE = os.environ.get("SUITE_LOOP_SCOPE", "function")


def pytest_collection_modifyitems(items):
    if SCOPE != "function":
        for item in items:
            item.add_marker(pytest.mark.asyncio(loop_scope=SCOPE), append=False)


@pytest_asyncio.fixture(loop_scope=SCOPE)
async def outbox():
    box = Outbox()
    box.start()
    yield box
    await box.stop()


@pytest_asyncio.fixture(loop_scope=SCOPE)
async def server():
    server = Server()
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared():
    """Serves many tests; its task is made in the set-up of the first of them."""
    box = Outbox()
    box.start()
    yield box
    await box.stop()
