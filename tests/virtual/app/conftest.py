"""What tests of apps share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.virtual.app.backend import Backend


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def backend() -> Iterator[Backend]:
    server = Backend()
    yield server
    server.close()
