"""Devices of another host, and what can be wrong with that host: each told by its own message, with its remedy."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.devices import Lab, lab
from tests.fakes.sshd import SSHD, OtherHost, other_host
from validator.devices.adb_binary import AdbBinary, locate_adb
from validator.devices.host_check import look
from validator.devices.hosts import HostAccess, HostSource
from validator.devices.lease import lease
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.stop import Stop

RUNNER = "maestro-runner 1.1.27"
SMALL = "size=2m"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.skipif(not SSHD, reason="openssh-server is not installed (`make test-all` installs it)"),
]


@pytest.fixture(scope="module")
def devices() -> Iterator[Lab]:
    with lab() as running:
        yield running


@pytest.fixture
def programs(tmp_path: Path, devices: Lab) -> Path:
    """What is on the host's PATH besides the system's own: adb and a runner that says its version."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "adb").symlink_to(devices.fleet.adb.path)
    (folder / "maestro-runner").write_text("#!/bin/sh\necho maestro-runner 1.1.27\n")
    (folder / "maestro-runner").chmod(0o755)
    return folder


@pytest.fixture
def host(tmp_path: Path, devices: Lab, programs: Path) -> Iterator[OtherHost]:
    tools = system_without_adb(tmp_path / "system")
    port = str(devices.fleet.adb.server_port)
    with other_host(tmp_path / "host", {"PATH": f"{programs}:{tools}", "ANDROID_ADB_SERVER_PORT": port}) as running:
        yield running


def system_without_adb(folder: Path) -> Path:
    """The programs of this system as a folder of links, so that an adb among them can be left out."""
    folder.mkdir()
    for place in ("/usr/bin", "/bin"):
        for program in Path(place).iterdir():
            if program.name != "adb" and not (folder / program.name).exists():
                (folder / program.name).symlink_to(program)
    return folder


def access(host: OtherHost) -> HostAccess:
    return HostAccess(target=host.target, ssh=host.options)


def adb(devices: Lab) -> AdbBinary:
    return locate_adb(devices.fleet.adb.path, os.environ)


def refusal(devices: Lab, way: HostAccess, serial: str = "") -> StageError:
    source = HostSource(way, serial or devices.fleet.serials[0], adb(devices), RUNNER)
    with pytest.raises(StageError) as caught, source.open(Stop()):
        pass
    assert caught.value.cause is Cause.NO_DEVICE
    assert caught.value.remedy
    return caught.value


def test_a_device_is_met_with_the_name_of_its_host(devices: Lab, host: OtherHost) -> None:
    serial = devices.fleet.serials[0]
    with HostSource(access(host), serial, adb(devices), RUNNER).open(Stop()) as found:
        assert found[0].info.serial == f"{host.target}/{serial}"
        assert found[0].seat.serial == serial
        assert found[0].seat.machine.name == host.target
    assert host.left() == []


def test_a_forward_that_a_run_left_is_removed_and_one_of_others_stays(devices: Lab, host: OtherHost) -> None:
    serial = devices.fleet.serials[0]

    def forwards(*arguments: str) -> str:
        command = [devices.fleet.adb.path, "-P", str(devices.fleet.adb.server_port), "-s", serial, "forward"]
        return subprocess.run([*command, *arguments], capture_output=True, text=True, check=True, timeout=20).stdout

    theirs = forwards("tcp:0", "tcp:7001").strip()
    with HostSource(access(host), serial, adb(devices), RUNNER).open(Stop()):
        forwards("tcp:0", "tcp:7002")
        assert "tcp:7002" in forwards("--list")
    assert "tcp:7002" not in forwards("--list")
    assert f"tcp:{theirs}" in forwards("--list")


def test_a_host_without_adb(devices: Lab, host: OtherHost, programs: Path) -> None:
    (programs / "adb").unlink()
    error = refusal(devices, access(host))
    assert "the host has no adb: there is none on PATH" in error.what
    assert "adb" in error.remedy


def test_an_adb_that_does_not_work(devices: Lab, host: OtherHost) -> None:
    error = refusal(devices, replace(access(host), adb="/usr/bin/false"))
    assert "/usr/bin/false does not work" in error.what


def test_a_host_without_the_runner(devices: Lab, host: OtherHost, programs: Path) -> None:
    (programs / "maestro-runner").unlink()
    error = refusal(devices, access(host))
    assert "the host has no maestro-runner" in error.what
    assert f"install {RUNNER} on it" in error.remedy


def test_another_version_of_the_runner(devices: Lab, host: OtherHost, programs: Path) -> None:
    (programs / "maestro-runner").write_text("#!/bin/sh\necho maestro-runner 1.0.9\n")
    assert "has maestro-runner 1.0.9, this run uses 1.1.27" in refusal(devices, access(host)).what


def test_a_full_disk(devices: Lab, host: OtherHost) -> None:
    with small_disk(host.home):
        error = refusal(devices, access(host))
    assert "the disk of the host is full" in error.what
    assert "df -h" in error.remedy


def test_a_disk_that_an_apk_fills_is_the_hosts_and_the_device_is_not_called_lost(
    devices: Lab, host: OtherHost, tmp_path: Path
) -> None:
    (tmp_path / "big.apk").write_bytes(os.urandom(3_000_000))
    source = HostSource(access(host), devices.fleet.serials[0], adb(devices), RUNNER)
    with small_disk(host.home, "size=110m", filled=False), source.open(Stop()) as found:
        fill(host.home)
        with pytest.raises(StageError) as caught:
            found[0].install(tmp_path / "big.apk", "com.example.big")
    assert caught.value.cause is Cause.DEVICE_UNHEALTHY
    assert "the disk of the host is full" in caught.value.what
    assert caught.value.where == host.target
    assert f"ssh {host.target} df -h" in caught.value.remedy


@contextmanager
def small_disk(folder: Path, size: str = SMALL, *, filled: bool = True) -> Iterator[None]:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        if filled:
            fill(folder)
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> None:
    (folder / "filler").write_bytes(b"x" * (os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize))


def test_a_device_that_is_not_attached(devices: Lab, host: OtherHost) -> None:
    error = refusal(devices, access(host), "emulator-5999")
    assert "no such device is attached" in error.what
    assert devices.fleet.serials[0] in error.what


def test_a_device_that_a_run_on_the_host_itself_uses(devices: Lab, host: OtherHost) -> None:
    with lease(devices.fleet.serials[0]):
        error = refusal(devices, access(host))
    assert f"in use by pid {os.getpid()}" in error.what


def test_an_unknown_host_key_and_a_wrong_key(devices: Lab, host: OtherHost, tmp_path: Path) -> None:
    way = access(host)
    unknown = refusal(devices, replace(way, ssh=replace(way.ssh, known_hosts=tmp_path / "none")))
    assert "its host key is unknown" in unknown.what
    assert "ssh-keyscan" in unknown.remedy
    wrong = refusal(devices, replace(way, ssh=replace(way.ssh, key=host.folder / "host_key")))
    assert "refused to let" in wrong.what


def test_the_doctor_looks_at_everything(devices: Lab, host: OtherHost, programs: Path) -> None:
    serials = [devices.fleet.serials[0], "emulator-5999"]
    said = list(look(access(host), serials, (), RUNNER))
    assert [bool(found.remedy) for found in said] == [False, False, False, False, True]
    assert "MB free" in said[0].what
    assert said[1].what.startswith("adb ")
    assert said[2].what == f"{RUNNER} at {programs}/maestro-runner"
    assert said[3].what == f"{serials[0]} is attached"
    assert "emulator-5999" in said[4].what
    assert host.left() == []


def test_the_doctor_tells_what_is_wrong(devices: Lab, host: OtherHost, programs: Path) -> None:
    (programs / "adb").unlink()
    said = list(look(access(host), devices.fleet.serials, (), RUNNER))
    assert "no adb" in said[-1].what
    assert said[-1].remedy
