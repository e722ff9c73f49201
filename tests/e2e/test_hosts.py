"""Flows on devices that another host owns: a real sshd with a home and an adb server of its own."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.commands import ROOT, Ended, left_running, start, start_program, validator
from tests.e2e.devices import Lab, lab
from tests.e2e.project import PACKAGE, Project
from tests.e2e.test_official_matrix import apart, port_to_itself
from tests.fakes.android_sdk import Sdk
from tests.fakes.sshd import SSHD, OtherHost, command_of, marked, other_host

RUNNER = ROOT / "node_modules" / "@devicelab" / "maestro-runner-linux-x64" / "bin"
PASSES = f"appId: {PACKAGE}\n---\n- launchApp\n- assertVisible: Continue as guest\n"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(150),
    pytest.mark.skipif(not SSHD, reason="openssh-server is not installed (`make test-all` installs it)"),
]


@contextmanager
def owner(folder: Path, devices: Lab, **environment: str) -> Iterator[OtherHost]:
    """Another host whose adb server knows these devices."""
    programs = os.pathsep.join([str(Path(devices.fleet.adb.path).parent), str(RUNNER), os.defpath])
    port = str(devices.fleet.adb.server_port)
    with other_host(folder, {"PATH": programs, "ANDROID_ADB_SERVER_PORT": port, **environment}) as host:
        yield host


def project_on(folder: Path, running: Lab, *hosts: OtherHost, **changes: object) -> Project:
    """A project whose devices are those of the hosts, one each."""
    project = Project(folder)
    project.write("flows/a.yaml", PASSES)
    project.apk(api_url=running.api_url)
    pairs = zip(hosts, running.fleet.serials, strict=False)
    described = [{"host": host.target, "key": str(host.key), "known_hosts": str(host.known_hosts)} for host in hosts]
    keys: dict[str, object] = {
        "adb": {"path": running.fleet.adb.path},
        "build": {"file": "app.apk"},
        "devices": [{"host": host.target, "serial": serial} for host, serial in pairs],
        "hosts": described,
    }
    project.config(**keys | changes)
    return project


def test_flows_run_on_a_host_behind_another_while_this_machine_has_neither_adb_nor_runner(tmp_path: Path) -> None:
    bare = {"PATH": str(tmp_path), "HOME": str(tmp_path), "ADBUTILS_ADB_PATH": str(tmp_path / "no-adb")}
    with lab() as devices, owner(tmp_path / "host", devices) as host:
        described = {"host": host.target, "key": str(host.key), "known_hosts": str(host.known_hosts)}
        project = project_on(
            tmp_path / "project",
            devices,
            host,
            adb={},
            flows={"workspace": "flows"},
            hosts=[described | {"jump": host.target}],
        )
        done = project.run(**bare)
        assert done.exit_code == 0, done.output + done.errors
        assert done.flows("passed") == ["a"]
        assert "run by maestro-runner 1.1.27" in done.output
        assert f"{host.target}/{devices.fleet.serials[0]}" in done.output
        doctor = validator(project.root, "doctor", "-c", "production", seconds=60, **bare).output
        assert f"host {host.target}" in doctor
        assert "none here, and none is needed" in doctor
        assert f"{devices.fleet.serials[0]} is attached" in doctor
        assert host.left() == []


def test_flows_run_on_a_host_with_the_official_cli(tmp_path: Path) -> None:
    command = [*apart(), sys.executable, "-m", "tests.e2e.official_host", str(tmp_path)]
    with port_to_itself():
        done = start_program(tmp_path, command, {"PYTHONPATH": str(ROOT)}).wait(100)
    assert done.exit_code == 0, done.output + done.errors
    assert "run by maestro 2." in done.output
    assert "1 passed" in done.output
    assert done.orphans == []


LASTS = f"appId: {PACKAGE}\n---\n- launchApp\n" + "\n".join('- assertNotVisible: "Nonsense"' for _ in range(14)) + "\n"


def start_and_lose(project: Project, *hosts: OtherHost, how: Callable[[OtherHost], None]) -> tuple[Ended, OtherHost]:
    """A run that loses the first host on which a flow runs; and that host."""
    started = start(project.root, "run", "-c", "production")
    ends = time.monotonic() + 60
    while not (busy := [host for host in hosts if runs_a_flow(host)]):
        assert time.monotonic() < ends
        assert started.process.poll() is None, started.wait(5).output
        time.sleep(0.1)
    how(busy[0])
    return started.wait(60), busy[0]


def runs_a_flow(host: OtherHost) -> bool:
    return any("maestro-runner" in command_of(process) for process in marked(host.home))


def test_a_flow_whose_host_goes_away_finishes_on_another_one(tmp_path: Path) -> None:
    with (
        lab(2) as devices,
        owner(tmp_path / "one", devices) as one,
        owner(tmp_path / "two", devices) as two,
    ):
        project = project_on(tmp_path / "project", devices, one, two)
        project.write("flows/a.yaml", LASTS + "- assertVisible: Continue as guest\n")
        done, lost = start_and_lose(project, one, two, how=OtherHost.go_away)
        assert done.exit_code == 0, done.output + done.errors
        assert done.flows("passed") == ["a"]
        assert f"lost       {lost.target}" in done.output
        lost.come_back()
        again = project.run()
        assert again.exit_code == 0, again.output + again.errors
        assert (one.left(), two.left()) == ([], [])


def test_a_connection_that_is_cut_is_made_anew_and_the_flow_finishes(tmp_path: Path) -> None:
    with lab() as devices, owner(tmp_path / "host", devices) as host:
        project = project_on(tmp_path / "project", devices, host)
        project.write("flows/a.yaml", LASTS + "- assertVisible: Continue as guest\n")
        done, _ = start_and_lose(project, host, how=OtherHost.cut)
        assert done.exit_code == 0, done.output + done.errors
        assert done.flows("passed") == ["a"]
        assert host.left() == []


def test_a_flow_whose_only_host_goes_away_ends_in_its_infrastructure_cause(tmp_path: Path) -> None:
    with lab() as devices, owner(tmp_path / "host", devices) as host:
        project = project_on(tmp_path / "project", devices, host)
        project.write("flows/a.yaml", LASTS + "- assertVisible: Continue as guest\n")
        done, _ = start_and_lose(project, host, how=OtherHost.go_away)
        assert done.exit_code == 3, done.output + done.errors
        assert done.causes() <= {"device_lost", "no_device"}
        host.come_back()
        again = project.run()
        assert again.exit_code == 0, again.output + again.errors
        assert host.left() == []


def test_an_emulator_is_booted_on_another_host_and_shut_down_there(tmp_path: Path) -> None:
    sdk = Sdk.install(tmp_path / "android")
    sdk.avd("pixel")
    with lab() as devices:
        given = {name: value for name, value in sdk.environment.items() if name != "HOME"}
        with owner(tmp_path / "host", devices, **given) as host:
            device = {"host": host.target, "avd": "pixel", "network": False}
            project = project_on(tmp_path / "project", devices, host, devices=[device])
            done = project.run()
            assert done.exit_code == 0, done.output + done.errors
            assert f"{host.target}/emulator-" in done.output
            assert len(sdk.boots("pixel")) == 1
            assert host.left() == []
            assert left_running("nothing", sdk.root) == []
