"""AVDs before they are booted: created once, found wanting with a remedy, and told from those that others use."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.android_sdk import IMAGE, Sdk
from validator.devices.avd.creation import provide_avd
from validator.devices.avd.folder import avd_home, lock_holder, read_avd, size_mb
from validator.devices.avd.preflight import require_bootable
from validator.devices.avd.program import list_avds, locate_avdmanager, locate_emulator
from validator.devices.avd.refusals import remedy_for
from validator.devices.avd.settings import Avd, boot_command
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.stop import Stop


@pytest.fixture
def sdk(tmp_path: Path) -> Sdk:
    return Sdk.install(tmp_path)


def check(sdk: Sdk, avd: Avd, **environment: str) -> None:
    require_bootable(sdk.emulator, avd, {**os.environ, **sdk.environment, **environment}, Stop())


def refused(sdk: Sdk, avd: Avd, **environment: str) -> StageError:
    with pytest.raises(StageError) as error:
        check(sdk, avd, **environment)
    assert error.value.cause is Cause.NO_DEVICE
    assert error.value.remedy
    return error.value


def test_an_avd_that_is_not_there_names_those_that_are_and_the_key_that_creates_it(sdk):
    sdk.avd("pixel_api_34")
    error = refused(sdk, Avd(name="pixel_9"))
    assert "there are: pixel_api_34" in error.what
    assert "system_image" in error.remedy


def test_an_avd_is_created_from_its_image_and_only_once(sdk):
    wanted = Avd(name="pixel", system_image=IMAGE, disk_mb=2048)
    check(sdk, wanted)
    config = sdk.root / "avd" / "pixel.avd" / "config.ini"
    made = config.stat().st_mtime_ns
    assert "disk.dataPartition.size=2048M" in config.read_text()
    check(sdk, wanted)
    assert config.stat().st_mtime_ns == made


@pytest.mark.parametrize(
    ("avd", "environment", "words", "remedy"),
    [
        ({"system_image": "system-images;android-99;x;y"}, {}, "Package path is not valid", "sdkmanager"),
        ({"system_image": IMAGE, "device_profile": "nokia"}, {}, "No device found", "avdmanager list device"),
        ({"system_image": IMAGE}, {"STAND_IN_LICENCES": "open"}, "not accepted", "sdkmanager --licenses"),
        ({"system_image": IMAGE, "name": "-wipe"}, {}, "cannot be the name", "letters"),
        ({"system_image": IMAGE, "name": "../pixel"}, {}, "cannot be the name", "letters"),
    ],
)
def test_an_avd_that_cannot_be_created_says_why_and_what_to_do(sdk, avd, environment, words, remedy):
    error = refused(sdk, Avd(**({"name": "pixel"} | avd)), **environment)
    assert words in error.what
    assert remedy in error.remedy
    assert list((sdk.root / "avd").glob("*.avd")) == []


def test_an_avd_of_another_image_or_a_smaller_disk_is_left_as_it_is(sdk):
    folder = sdk.avd("pixel")
    before = (folder / "config.ini").read_bytes()
    other = refused(sdk, Avd(name="pixel", system_image="system-images;android-30;default;x86"))
    assert f"made from {IMAGE}, not from system-images;android-30;default;x86" in other.what
    small = refused(sdk, Avd(name="pixel", system_image=IMAGE, disk_mb=4096))
    assert "1024 MB, not 4096 MB" in small.what
    assert (folder / "config.ini").read_bytes() == before


def test_of_several_processes_one_creates_the_avd(sdk):
    environment = {**os.environ, **sdk.environment, "PYTHONPATH": str(Path(__file__).parents[2])}
    program = (
        "import os; from validator.devices.avd.creation import provide_avd; from validator.devices.avd.settings import "
        f"Avd; from validator.support.stop import Stop; provide_avd({sdk.emulator!r}, Avd(name='pixel', "
        f"system_image={IMAGE!r}), os.environ, Stop())"
    )
    started = [subprocess.Popen([sys.executable, "-c", program], env=environment) for _ in range(3)]
    assert [process.wait(50) for process in started] == [0, 0, 0]
    assert list_avds(sdk.emulator, environment, Stop()) == ("pixel",)


def test_a_machine_without_acceleration_is_told_the_rule_that_gives_it(sdk):
    sdk.avd("pixel")
    permission = refused(sdk, Avd(name="pixel"), STAND_IN_ACCELERATION="permission")
    assert "permissions to use KVM" in permission.what
    assert "99-kvm4all.rules" in permission.remedy
    missing = refused(sdk, Avd(name="pixel"), STAND_IN_ACCELERATION="missing")
    assert "nested virtualization" in missing.remedy
    check(sdk, Avd(name="pixel", options=("-accel", "off")), STAND_IN_ACCELERATION="missing")


def test_a_disk_without_room_for_the_data_partition_is_found_before_the_boot(sdk):
    folder = sdk.avd("pixel")
    config = folder / "config.ini"
    config.write_text(config.read_text().replace("=1G", "=900T"))
    assert "booting it takes" in refused(sdk, Avd(name="pixel")).what
    (folder / "userdata-qemu.img").touch()
    check(sdk, Avd(name="pixel"))  # the partition is there already


def test_an_avd_that_a_living_process_uses_is_told_and_the_dead_are_not(sdk):
    folder = sdk.avd("pixel")
    (folder / "hardware-qemu.ini.lock").write_text(str(os.getpid()))
    assert f"in use by pid {os.getpid()}" in refused(sdk, Avd(name="pixel")).what
    check(sdk, Avd(name="pixel", count=2))  # it is read only, and so may others be
    dead = subprocess.Popen(["/bin/true"])
    dead.wait()
    (folder / "hardware-qemu.ini.lock").write_text(str(dead.pid))
    check(sdk, Avd(name="pixel"))


def test_a_lock_that_is_a_folder_is_read_too(sdk):
    folder = sdk.avd("pixel")
    (folder / "hardware-qemu.ini.lock").mkdir()
    (folder / "hardware-qemu.ini.lock" / "pid").write_text(f"{os.getpid()}\n")
    found = read_avd("pixel", sdk.environment)
    assert found is not None
    assert lock_holder(found, shared=False) == f"pid {os.getpid()}"


@pytest.mark.parametrize(("held", "shared", "free"), [("SH", True, True), ("SH", False, False), ("EX", True, False)])
def test_readers_share_an_avd_and_a_writer_has_it_alone(sdk, held, shared, free):
    folder = sdk.avd("pixel")
    with (folder / "multiinstance.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH if held == "SH" else fcntl.LOCK_EX)
        found = read_avd("pixel", sdk.environment)
        assert found is not None
        assert (lock_holder(found, shared=shared) == "") is free


@given(st.binary(max_size=60), st.binary(max_size=60), st.binary(max_size=200))
def test_whatever_stands_in_the_files_of_an_avd_nothing_breaks(tmp_path_factory, ini, lock, config):
    home = tmp_path_factory.mktemp("avd")
    (home / "a.avd").mkdir()
    (home / "a.ini").write_bytes(b"path=" + ini.replace(b"\0", b""))
    (home / "a.avd" / "config.ini").write_bytes(b"disk.dataPartition.size=" + config)
    (home / "a.avd" / "hardware-qemu.ini.lock").write_bytes(lock)
    found = read_avd("a", {"ANDROID_AVD_HOME": str(home)})
    if found is not None:
        assert found.needed_mb > 0
        lock_holder(found, shared=False)


@pytest.mark.parametrize(("text", "size"), [("6G", 6144), ("800M", 800), ("6442450944", 6144), ("2GB", 2048), ("x", 0)])
def test_sizes_are_read_as_the_emulator_writes_them(text, size):
    assert size_mb(text) == size


def test_the_command_line_is_headless_cold_and_of_its_own_ports():
    words = boot_command("emulator", Avd(name="pixel"), 5560)
    assert words[:5] == ["emulator", "-avd", "pixel", "-port", "5560"]
    assert {"-no-window", "-no-audio", "-no-boot-anim", "-no-snapshot"} < set(words)
    assert "-read-only" not in words
    warm = boot_command("emulator", Avd(name="pixel", snapshot="ready", count=2, options=("-gpu", "host")), 5560)
    assert warm[warm.index("-snapshot") + 1] == "ready"
    assert {"-no-snapshot-save", "-read-only"} < set(warm)
    assert warm.count("-gpu") == 1


def test_avds_lie_where_the_sdk_says():
    assert avd_home({"ANDROID_AVD_HOME": "/a"}) == Path("/a")
    assert avd_home({"ANDROID_USER_HOME": "/u"}) == Path("/u/avd")
    assert avd_home({"ANDROID_SDK_HOME": "/s"}) == Path("/s/.android/avd")
    assert avd_home({"HOME": "/h"}) == Path("/h/.android/avd")


def test_a_machine_without_the_sdk_is_told_what_to_install():
    with pytest.raises(StageError, match="no Android emulator") as emulator:
        locate_emulator(None, {"PATH": "/nowhere"})
    with pytest.raises(StageError, match="no avdmanager") as manager:
        locate_avdmanager({"PATH": "/nowhere"})
    assert "sdkmanager emulator" in emulator.value.remedy
    assert "cmdline-tools;latest" in manager.value.remedy


def test_an_emulator_that_cannot_list_its_avds_is_no_empty_list(tmp_path):
    program = tmp_path / "emulator"
    program.write_text("#!/bin/sh\necho 'libpulse.so.0: cannot open shared object file'\nexit 127\n")
    program.chmod(0o755)
    with pytest.raises(StageError, match=r"libpulse\.so\.0"):
        provide_avd(str(program), Avd(name="pixel"), os.environ, Stop())


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("ERROR   | x86_64 emulation currently requires hardware acceleration!", "accel-check"),
        ("ERROR   | Not enough space to create userdata partition. Available: 5 MB", "smaller `disk`"),
        ("Running multiple emulators with the same AVD is an experimental feature.", "`count`"),
        ("PANIC: Cannot find AVD system path. Please define ANDROID_SDK_ROOT", "sdkmanager"),
        ("Segmentation fault", "by hand"),
    ],
)
def test_what_an_emulator_says_when_it_ends_leads_to_a_remedy(line, word):
    assert word in remedy_for(["INFO    | Storing crashdata", line])
