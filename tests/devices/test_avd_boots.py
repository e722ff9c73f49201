"""AVDs are booted, used, replaced and shut down, by real processes over real adb.

The emulator is a stand-in (tests/fakes/emulator_stand_in.py) that boots a virtual device; no real one runs here.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.commands import MARK, left_running
from tests.fakes.android_sdk import Sdk
from validator.devices.adb_binary import AdbBinary, locate_adb
from validator.devices.android import AndroidDevice
from validator.devices.avd.settings import Avd
from validator.devices.avd.source import EmulatorSource
from validator.devices.port import Device
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.stop import Stop

pytestmark = pytest.mark.slow


@pytest.fixture
def adb() -> AdbBinary:
    return locate_adb(None, os.environ)


@pytest.fixture
def sdk(tmp_path: Path) -> Sdk:
    return Sdk.install(tmp_path)


@contextmanager
def opened(sdk: Sdk, adb: AdbBinary, avd: Avd, stop: Stop | None = None) -> Iterator[list[AndroidDevice]]:
    """Boot it, and see that nothing of it is left."""
    mark = str(sdk.root)
    source = EmulatorSource(
        avd,
        binary=adb,
        server_port=random.Random().randrange(20_000, 30_000),  # noqa: S311 - a port, not a secret
        environ={**os.environ, **sdk.environment, MARK: mark},
        logs=sdk.root / "logs",
    )
    try:
        with source.open(stop or Stop()) as devices:
            yield list(devices)
    finally:
        assert left_running(mark, sdk.root / "nothing") == []


def avd(name: str = "pixel", *, seconds: float = 20.0, tries: int = 1, **more: object) -> Avd:
    return Avd(name=name, boot_seconds=seconds, tries=tries, **more)  # type: ignore[arg-type]  # checked when run


def settings(device: AndroidDevice) -> list[str]:
    handset = device._handset
    names = ("hide_error_dialogs", "window_animation_scale", "transition_animation_scale", "animator_duration_scale")
    return handset.ask("; ".join(f"settings get global {name}" for name in names)).split()


def test_an_avd_is_booted_twice_from_one_image_and_asked_by_its_console_to_end(sdk, adb):
    sdk.avd("pixel")
    with opened(sdk, adb, avd(count=2, memory_mb=2048, options=("-dns-server", "10.0.0.2"))) as devices:
        assert [device.info.kind for device in devices] == ["emulator", "emulator"]
        assert len({device.info.serial for device in devices}) == 2
        assert settings(devices[0]) == ["1", "0", "0", "0"]
    calls = sdk.boots("pixel")
    assert len(calls) == 2
    for option in ("-no-window", "-read-only", "-no-snapshot", "-no-audio", "-memory 2048", "-dns-server 10.0.0.2"):
        assert all(option in call for call in calls), option
    logs = [file.read_text() for file in (sdk.root / "logs").glob("emulator-*.log")]
    assert ["told by the console to end" in said for said in logs] == [True, True]


def test_an_avd_is_created_once_with_its_limits(sdk, adb):
    wanted = avd(system_image="system-images;android-34;google_apis;x86_64", disk_mb=512, memory_mb=1024)
    with opened(sdk, adb, wanted) as (device,):
        assert device.info.sdk == 34
    config = (sdk.root / "avd" / "pixel.avd" / "config.ini").read_text()
    assert "disk.dataPartition.size=512M\n" in config
    assert "hw.ramSize=1024\n" in config
    assert len(sdk.boots("pixel")) == 1


def test_a_lost_emulator_is_replaced_by_another_one_with_another_serial_a_bounded_number_of_times(sdk, adb):
    sdk.avd("pixel")
    with opened(sdk, adb, avd()) as (first,):
        device: Device = first
        serials = [device.info.serial]
        while device.renew is not None:
            device = device.renew(Stop())
            serials.append(device.info.serial)
    assert len(set(serials)) == len(serials) == 3
    assert len(sdk.boots("pixel")) == 3


def test_a_boot_that_fails_is_tried_again_with_twice_the_time(sdk, adb):
    sdk.avd("pixel", boot_1={"boot_seconds": 600}, boot_2={"boot_seconds": 4.5})
    began = time.monotonic()
    with opened(sdk, adb, avd(seconds=3.0, tries=2)) as (device,):
        assert device.info.serial
    assert 7 < time.monotonic() - began < 30
    assert len(sdk.boots("pixel")) == 2


def test_an_emulator_without_a_network_is_not_ready_unless_no_flow_needs_one(sdk, adb):
    sdk.avd("pixel", each={"no_network": True})
    with pytest.raises(StageError, match="without a network") as failed, opened(sdk, adb, avd()):
        pass
    assert failed.value.cause is Cause.NO_DEVICE
    assert "network: false" in failed.value.remedy
    with opened(sdk, adb, avd(networked=False)) as (device,):
        assert device.info.serial


def test_a_dialog_in_front_is_closed_and_told(sdk, adb):
    sdk.avd("pixel", each={"dialog": True})
    with opened(sdk, adb, avd()) as (device,):
        assert device.info.put_right == ("Application Not Responding: com.vendor.messages",)


def test_an_emulator_that_hears_neither_its_console_nor_a_signal_is_killed(sdk, adb):
    sdk.avd("pixel", each={"deaf": True})
    with opened(sdk, adb, avd()) as (device,):
        assert device.info.serial


def test_a_stop_ends_a_boot_at_once(sdk, adb):
    sdk.avd("pixel", each={"boot_seconds": 600})
    stop, moments = Stop(), list[float]()

    def stop_once_it_boots() -> None:
        while not sdk.boots("pixel"):
            threading.Event().wait(0.05)
        moments.append(time.monotonic())
        stop.set("enough")

    threading.Thread(target=stop_once_it_boots, daemon=True).start()
    with pytest.raises(StageError, match="enough"), opened(sdk, adb, avd(seconds=300.0, tries=3), stop):
        pass
    assert time.monotonic() - moments[0] < 15
    assert len(sdk.boots("pixel")) == 1
