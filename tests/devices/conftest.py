"""Fixtures of the tests that need a device."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.devices.bench import Bench, opened
from tests.e2e.devices import lab


@pytest.fixture
def bench(tmp_path) -> Iterator[Bench]:
    with lab() as running, opened(running, tmp_path) as device:
        yield Bench(device, running, tmp_path)
