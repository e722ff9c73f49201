"""Whole runs on emulators that the run boots itself: two of one AVD, and each way in which one can fail.

The emulator is a stand-in (tests/fakes/emulator_stand_in.py) in an SDK of its own; adb, the flow runner and the shop
are real. Every run has to leave nothing behind: no process, no lock.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.commands import Ended, start, validator
from tests.e2e.project import PACKAGE, Project
from tests.fakes.android_sdk import IMAGE, Sdk
from validator.demo.backend.process import BackendOptions, BackendProcess
from validator.history.journal import read_journal
from validator.model.events import AttemptStarted, DeviceLeased, DeviceLost, Event, Warned

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

FLOW = f"appId: {PACKAGE}\n---\n- launchApp\n- assertVisible: Corner Shop\n- assertVisible: Continue as guest\n"


@dataclass(frozen=True)
class Team:
    """A project whose pipeline boots an AVD, and the SDK that it has."""

    project: Project
    sdk: Sdk

    def config(self, flows: int = 4, **device: object) -> None:
        for number in range(flows):
            self.project.write(f"flows/flow-{number}.yaml", FLOW)
        self.project.config(
            build={"file": "app.apk", "expect": {"cleartext": True}},
            devices=[{"avd": "pixel", "boot_timeout": "30s", **device}],
            adb={"server_port": random.Random().randrange(20_000, 30_000)},  # noqa: S311 - a port, not a secret
        )

    def run(self, *options: str, seconds: float = 150, **environment: str) -> Ended:
        done = validator(
            self.project.root,
            *("run", "-c", "production", *options),
            seconds=seconds,
            **self.sdk.environment,
            **environment,
        )
        assert "Traceback" not in done.output + done.errors
        assert done.orphans == []
        return done


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    with BackendProcess(BackendOptions(revision="abc", accounts_per_hour=10_000)) as backend:
        yield backend.url


@pytest.fixture
def team(tmp_path: Path, shop: str) -> Team:
    project = Project(tmp_path / "project")
    project.root.mkdir()
    project.apk(api_url=shop)
    return Team(project, Sdk.install(tmp_path))


def events(done: Ended, kind: type[Event]) -> list[Event]:
    found = [record.event for record in read_journal(done.reports / "events.jsonl")]
    return [event for event in found if isinstance(event, kind)]


def test_of_two_emulators_one_dies_mid_flow_is_replaced_and_the_run_is_approved(team: Team):
    team.sdk.avd("pixel", boot_1={"dies": True})
    team.config(flows=8, count=2)
    done = team.run()
    assert done.exit_code == 0, done.output + done.errors
    assert done.decision["decision"] == "approved"
    assert len(done.flows("passed")) == 8
    (lost,), leased = events(done, DeviceLost), events(done, DeviceLeased)
    assert isinstance(lost, DeviceLost)
    assert lost.replacing
    replacing = [event for event in leased if isinstance(event, DeviceLeased) and event.replaces == lost.serial]
    assert len(leased) == 3
    assert len(replacing) == 1
    assert f"in place of {lost.serial}" in done.output
    assert len(team.sdk.boots("pixel")) == 3
    assert all("-read-only" in call for call in team.sdk.boots("pixel"))
    assert {file.stem for file in (done.reports / "devices").glob("emulator-*.log")} == {
        event.device.serial for event in leased if isinstance(event, DeviceLeased)
    }
    again = validator(team.project.root, "gate", "replay", done.reports.name, seconds=60, **team.sdk.environment)
    assert again.exit_code == 0, again.output + again.errors


@pytest.mark.parametrize("fault", ["dies", "freezes"])
def test_the_only_emulator_is_lost_and_its_flows_wait_for_the_one_in_its_place(team: Team, fault: str):
    team.sdk.avd("pixel", boot_1={fault: True})
    team.config(flows=3)
    done = team.run()
    assert done.exit_code == 0, done.output + done.errors
    assert len(done.flows("passed")) == 3
    serials = [event.serial for event in events(done, AttemptStarted) if isinstance(event, AttemptStarted)]
    assert len(set(serials)) == 2


def test_an_emulator_that_dies_each_time_is_replaced_twice_and_then_the_run_is_undecided(team: Team):
    team.sdk.avd("pixel", each={"dies": True})
    team.config(flows=2)
    done = team.run()
    assert done.exit_code == 3, done.output + done.errors
    assert done.causes() <= {"device_lost", "no_device"}
    assert len(team.sdk.boots("pixel")) == 3


def test_one_that_cannot_be_replaced_says_why(team: Team):
    team.sdk.avd("pixel", boot_1={"dies": True}, boot_2={"panic": True}, boot_3={"panic": True})
    team.config(flows=2)
    done = team.run()
    assert done.exit_code == 3, done.output + done.errors
    assert "there is no other in its place" in done.output
    assert "PANIC" in done.output


def test_one_of_two_that_never_boots_is_a_warning_in_the_record_and_the_other_runs_all_flows(team: Team):
    team.sdk.avd("pixel", boot_1={"panic": True})
    team.config(flows=2, count=2, tries=1)
    done = team.run()
    assert done.exit_code == 0, done.output + done.errors
    (warning,) = [event for event in events(done, Warned) if isinstance(event, Warned)]
    assert "goes on without a device" in warning.message
    assert "PANIC" in warning.message
    assert "goes on without a device" in (done.reports / "index.html").read_text(encoding="utf-8")


def test_a_slow_boot_is_waited_for(team: Team):
    team.sdk.avd("pixel", each={"boot_seconds": 6})
    team.config(flows=1)
    done = team.run()
    assert done.exit_code == 0, done.output + done.errors


def test_an_avd_that_is_not_there_is_created_and_used(team: Team):
    team.config(flows=1, system_image=IMAGE, device_profile="pixel_7", disk="512M")
    done = team.run()
    assert done.exit_code == 0, done.output + done.errors
    assert (team.sdk.root / "avd" / "pixel.ini").exists()


def test_a_dialog_in_front_is_closed_and_recorded(team: Team):
    team.sdk.avd("pixel", each={"dialog": True})
    team.config(flows=1)
    done = team.run()
    assert done.exit_code == 0, done.output + done.errors
    (leased,) = events(done, DeviceLeased)
    assert isinstance(leased, DeviceLeased)
    assert leased.device.put_right == ("Application Not Responding: com.vendor.messages",)
    assert "closed `Application Not Responding: com.vendor.messages`" in done.output


@pytest.mark.parametrize(
    ("wrong", "words", "boot_timeout", "within"),
    [
        ({"boot_seconds": 600}, "not booted within 6 s", "3s", 60),
        ({"offline": True}, "not booted within 6 s", "3s", 60),
        ({"storage_full": True}, "0 MB free on /data", "20s", 60),
        ({"stuck_dialog": True}, "cannot be closed", "20s", 90),
        ({"panic": True}, "PANIC: Cannot find AVD system path", "20s", 60),
    ],
)
def test_an_emulator_that_never_gets_ready_leaves_the_run_undecided_within_its_deadline(
    team: Team, wrong: dict[str, object], words: str, boot_timeout: str, within: float
):
    team.sdk.avd("pixel", each=wrong)
    team.config(flows=2, boot_timeout=boot_timeout, tries=2)
    done = team.run()
    assert done.exit_code == 3, done.output + done.errors
    assert done.causes() <= {"no_device", "device_unhealthy"}
    assert words in done.output
    assert done.seconds < within


def test_what_would_keep_it_from_booting_is_said_before_it_is_tried(team: Team):
    team.sdk.avd("pixel")
    team.config(flows=1)
    done = team.run(STAND_IN_ACCELERATION="permission")
    assert done.exit_code == 3
    assert "permissions to use KVM" in done.output
    assert "99-kvm4all.rules" in done.output
    assert team.sdk.boots("pixel") == []


def test_a_run_that_is_killed_while_an_emulator_boots_leaves_none_behind(team: Team):
    team.sdk.avd("pixel", each={"boot_seconds": 600})
    team.config(flows=1, count=2)
    started = start(team.project.root, "run", "-c", "production", **team.sdk.environment)
    for _ in range(400):
        if len(team.sdk.boots("pixel")) == 2:
            break
        started.process.poll()
        _pause()
    started.process.kill()
    ended = started.wait(30)
    for _ in range(100):
        if not ended.orphans:
            break
        _pause()
    assert ended.orphans == []


def _pause() -> None:
    """The kernel tells nobody about the end of somebody else's process."""
    time.sleep(0.05)
