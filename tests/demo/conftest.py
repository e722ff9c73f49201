"""Real backend processes: one for each test that asks, or one for all tests of a file that leave no trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import httpx
import pytest

from tests.demo.customer import ADMIN_TOKEN, Shop
from validator.demo.backend.process import BackendOptions, BackendProcess


class StartShop(Protocol):
    def __call__(self, options: BackendOptions = ..., /) -> Shop: ...


@contextmanager
def _open_shop(folder: Path, options: BackendOptions) -> Iterator[Shop]:
    log_file = folder / "access.jsonl"
    with (
        BackendProcess(replace(options, log=log_file, admin_token=ADMIN_TOKEN)) as process,
        httpx.Client(base_url=process.url, timeout=5, trust_env=False) as http,
    ):
        yield Shop(process, http, log_file)


@pytest.fixture
def start_shop(tmp_path: Path) -> Iterator[StartShop]:
    with ExitStack() as stack:
        default = BackendOptions(revision="abc1234")

        def start(options: BackendOptions = default, /) -> Shop:
            return stack.enter_context(_open_shop(tmp_path, options))

        yield start


@pytest.fixture
def shop(start_shop: StartShop) -> Shop:
    return start_shop()


@pytest.fixture(scope="module")
def shared_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    options = BackendOptions(revision="abc1234", accounts_per_hour=10_000)
    with _open_shop(tmp_path_factory.mktemp("shop"), options) as shop:
        yield shop
