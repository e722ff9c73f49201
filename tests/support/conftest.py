"""What tests of processes share."""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterator

import pytest

from tests.fakes.sshd import OtherHost, other_host


@pytest.fixture
def is_gone() -> Callable[..., bool]:
    """Whether the process ends within so many seconds; the kernel tells, nobody polls."""

    def gone(pid: int, seconds: float = 5.0) -> bool:
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        try:
            return bool(select.select([descriptor], [], [], seconds)[0])
        finally:
            os.close(descriptor)

    return gone


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OtherHost]:
    with other_host(tmp_path_factory.mktemp("host")) as running:
        yield running
