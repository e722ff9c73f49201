"""What tests of the automation server share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.virtual.automation.display import Client, a_client


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with a_client() as ready:
        yield ready
