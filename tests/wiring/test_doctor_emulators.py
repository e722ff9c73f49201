"""What `doctor` says about emulators: the program, acceleration, each AVD and the room on its disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.commands import validator
from tests.e2e.project import Project
from tests.fakes.android_sdk import IMAGE, Sdk


@pytest.fixture
def sdk(tmp_path: Path) -> Sdk:
    return Sdk.install(tmp_path)


def doctor(sdk: Sdk, *arguments: str, **environment: str) -> dict[str, str]:
    """What it says, by the name of the check; a remedy follows its problem."""
    done = validator(sdk.root / "project", "doctor", *arguments, seconds=60, **sdk.environment, **environment)
    said: dict[str, str] = {}
    name = ""
    for line in done.output.splitlines():
        if line.strip().startswith("->"):
            said[name] += f" {line.strip()}"
        else:
            health, name, words = line[:9].strip(), line[9:32].strip(), line[24:].strip()
            name = next((known for known in NAMES if line[9:].startswith(known)), name)
            said[name] = f"{health} {words}"
    return said


NAMES = ("emulator acceleration", "emulator", "avds", "avd pixel", "avd tablet", "ports")


@pytest.fixture
def project(sdk: Sdk) -> Project:
    project = Project(sdk.root / "project")
    project.root.mkdir()
    project.write_defaults()
    return project


def test_a_machine_with_an_sdk_shows_its_emulator_and_its_avds(sdk, project):
    sdk.avd("pixel")
    said = doctor(sdk)
    assert sdk.emulator in said["emulator"]
    assert "KVM (version 12) is installed and usable." in said["emulator acceleration"]
    assert "pixel" in said["avds"]


def test_what_the_configured_avds_need_is_checked(sdk, project):
    folder = sdk.avd("pixel")
    (folder / "config.ini").write_text("disk.dataPartition.size=900T\n")
    project.config(devices=[{"avd": "pixel"}, {"avd": "tablet", "system_image": IMAGE}])
    said = doctor(sdk, "-c", "production", STAND_IN_ACCELERATION="permission")
    assert said["avd pixel"].startswith("PROBLEM")
    assert "booting takes" in said["avd pixel"]
    assert "is created from" in said["avd tablet"]
    assert said["emulator acceleration"].startswith("PROBLEM")
    assert "99-kvm4all.rules" in said["emulator acceleration"]
