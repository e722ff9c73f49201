"""Which flow runner a run uses whose devices all belong to other machines: real sshds with programs of their own."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.fakes.sshd import SSHD, OtherHost, other_host
from validator.flows.port import FlowRunner
from validator.model.errors import UsageError, ValidatorError
from validator.support.stop import Stop
from validator.wiring.devices import adb_program
from validator.wiring.prepare import load
from validator.wiring.request import RunRequest
from validator.wiring.runners import flow_runner, require_version

ADB = "Android Debug Bridge version 1.0.41\nVersion 36.0.0"

pytestmark = pytest.mark.skipif(not SSHD, reason="openssh-server is not installed (`make test-all` installs it)")


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def put(folder: Path, name: str, says: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\ncat <<'END'\n{says}\nEND\n")
    (folder / name).chmod(0o755)


def host_with(stack: ExitStack, folder: Path, **programs: str) -> OtherHost:
    """A host that has adb, and these programs with what they say."""
    (folder / "bin").mkdir(parents=True)
    for name, says in {"adb": ADB, **programs}.items():
        put(folder / "bin", name.replace("_", "-"), says)
    return stack.enter_context(other_host(folder, {"PATH": f"{folder}/bin:{os.defpath}"}))


def configuration(root: Path, *hosts: OtherHost, here: bool = False, **flows: str) -> RunRequest:
    described = [{"host": host.target, "key": str(host.key), "known_hosts": str(host.known_hosts)} for host in hosts]
    devices: list[dict[str, str]] = [{"host": host.target, "serial": "emulator-5554"} for host in hosts]
    keys = {
        "environment": "production",
        "app": {"id": "com.example.cornershop"},
        "build": {"file": "app.apk"},
        "devices": [*devices, *([{"serial": "emulator-5556"}] if here else [])],
        "hosts": described,
        "flows": {"workspace": "flows", **flows},
    }
    (root / "flows").mkdir()
    (root / "production.yaml").write_text(json.dumps(keys))
    return RunRequest(config=str(root / "production.yaml"))


def runner(request: RunRequest) -> FlowRunner:
    loaded, resolvers, _ = load(request)
    return flow_runner(loaded.value, resolvers, Stop())


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine has neither a runner nor an adb."""
    (tmp_path / "here").mkdir()
    for needed in ("ssh-keygen", "ps"):  # by the stand-in for the other machine
        (tmp_path / "here" / needed).symlink_to(shutil.which(needed) or needed)
    monkeypatch.setenv("PATH", str(tmp_path / "here"))
    monkeypatch.setenv("HOME", str(tmp_path / "here"))
    monkeypatch.setenv("ADBUTILS_ADB_PATH", str(tmp_path / "no-adb"))


@pytest.mark.usefixtures("bare")
def test_the_runner_of_the_first_host_counts(stack: ExitStack, tmp_path: Path) -> None:
    one = host_with(stack, tmp_path / "one", maestro_runner="maestro-runner 1.1.27")
    two = host_with(stack, tmp_path / "two", maestro_runner="maestro-runner 1.0.9")
    assert runner(configuration(tmp_path, one, two)).name == "maestro-runner 1.1.27"


@pytest.mark.usefixtures("bare")
def test_the_official_cli_counts_where_a_host_has_no_other(stack: ExitStack, tmp_path: Path) -> None:
    host = host_with(stack, tmp_path / "one", maestro="2.8.0")
    assert runner(configuration(tmp_path, host)).name == "maestro 2.8.0"


@pytest.mark.usefixtures("bare")
def test_an_official_cli_that_is_too_old_is_refused_on_a_host_too(stack: ExitStack, tmp_path: Path) -> None:
    host = host_with(stack, tmp_path / "one", maestro="1.39.0")
    with pytest.raises(UsageError, match=r"Maestro 1\.39\.0 is too old") as caught:
        runner(configuration(tmp_path, host))
    assert caught.value.where == host.target


@pytest.mark.usefixtures("bare")
def test_a_host_that_is_away_leaves_the_word_to_the_next(stack: ExitStack, tmp_path: Path) -> None:
    one = host_with(stack, tmp_path / "one", maestro_runner="maestro-runner 1.0.9")
    two = host_with(stack, tmp_path / "two", maestro_runner="maestro-runner 1.1.27")
    one.go_away()
    assert runner(configuration(tmp_path, one, two)).name == "maestro-runner 1.1.27"


@pytest.mark.usefixtures("bare")
def test_where_no_host_answers_the_version_is_not_known(stack: ExitStack, tmp_path: Path) -> None:
    host = host_with(stack, tmp_path / "one")
    host.go_away()
    found = runner(configuration(tmp_path, host))
    assert found.name == "maestro-runner"
    with pytest.raises(ValidatorError, match="no host says"):
        require_version(found)


@pytest.mark.usefixtures("bare")
def test_a_device_of_this_machine_needs_the_runner_and_adb_here(stack: ExitStack, tmp_path: Path) -> None:
    host = host_with(stack, tmp_path / "one", maestro_runner="maestro-runner 1.1.27")
    request = configuration(tmp_path, host, here=True)
    loaded, resolvers, _ = load(request)
    with pytest.raises(UsageError, match="no flow runner is installed"):
        runner(request)
    with pytest.raises(UsageError, match="cannot be used"):
        adb_program(loaded.value, resolvers)


@pytest.mark.usefixtures("bare")
def test_no_adb_is_needed_here_where_all_devices_are_elsewhere(stack: ExitStack, tmp_path: Path) -> None:
    loaded, resolvers, _ = load(configuration(tmp_path, host_with(stack, tmp_path / "one")))
    assert adb_program(loaded.value, resolvers) is None
