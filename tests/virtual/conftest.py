"""What tests of the virtual device share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.virtual.host import Adb, Fleet, adb_binaries, started_fleet


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module", params=adb_binaries())
def adb_binary(request: pytest.FixtureRequest) -> Path:
    """Every adb that is here: the one of the adbutils package, and in the slow suite also the system's."""
    return Path(request.param)


@pytest.fixture(scope="module")
def fleet(adb_binary: Path) -> Iterator[Fleet]:
    """Two devices for the tests of one module; each test leaves them as it found them."""
    with started_fleet(adb_binary, devices=2) as running:
        yield running


@pytest.fixture
def adb(fleet: Fleet) -> Iterator[Adb]:
    """The first device. Whatever a test has broken is healed after it."""
    yield fleet.adb(0)
    fleet.control.heal()
    fleet.reattach()
