"""An AVD is booted, used and shut down. The emulator is a stand-in that takes the documented command line and boots a
virtual device behind the adb port that the real one would have; no real emulator runs here.

Slow: the stand-in has no console, so that the wait for a shutdown by console is waited to its end.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

import pytest

from tests.e2e.commands import left_running
from validator.devices.adb_binary import AdbBinary, locate_adb
from validator.devices.emulator import EmulatorSource
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.stop import Stop

PROGRAM = """#!/bin/sh
# what the emulator does with `-list-avds` and with `-avd NAME -port N …`
for word in "$@"; do
  case "$last" in -port) port=$word;; -avd) avd=$word;; esac
  [ "$word" = -list-avds ] && echo "INFO    | Storing crashdata" && echo pixel_api_34 && echo broken && exit 0
  last=$word
done
echo "$@" >> "{folder}/calls"
[ "$avd" = broken ] && echo "ERROR   | x86_64 emulation currently requires hardware acceleration!" && exit 1
exec {python} -m validator virtual --serial-style emulator --port $((port + 1)) \\
  --adb "{adb}" --adb-server-port "$ANDROID_ADB_SERVER_PORT"
"""


@pytest.fixture
def adb() -> AdbBinary:
    return locate_adb(None, os.environ)


@pytest.fixture
def emulator(tmp_path: Path, adb: AdbBinary) -> Path:
    program = tmp_path / "emulator"
    program.write_text(PROGRAM.format(folder=tmp_path, python=sys.executable, adb=adb.path))
    program.chmod(0o755)
    return program


def source(emulator: Path, adb: AdbBinary, avd: str, count: int = 1) -> EmulatorSource:
    port = random.Random().randrange(20_000, 30_000)  # noqa: S311 - a port, not a secret
    return EmulatorSource(
        avd=avd,
        count=count,
        binary=adb,
        server_port=port,
        emulator=str(emulator),
        locks=emulator.parent / "locks",
        boot_seconds=30,
    )


@pytest.mark.slow
def test_an_avd_is_booted_twice_from_one_image_and_both_are_gone_afterwards(emulator, adb):
    with source(emulator, adb, "pixel_api_34", count=2).open(Stop()) as devices:
        assert [device.info.kind for device in devices] == ["emulator", "emulator"]
        assert len({device.info.serial for device in devices}) == 2
        assert all(device.info.serial.startswith("emulator-") for device in devices)
    calls = (emulator.parent / "calls").read_text().splitlines()
    assert len(calls) == 2
    for option in ("-no-window", "-read-only", "-no-snapshot-save", "-no-audio"):
        assert all(option in call for call in calls)
    assert left_running("no mark", emulator.parent) == []


def test_an_avd_that_does_not_exist_names_those_that_do(emulator, adb):
    with (
        pytest.raises(StageError, match="there is no AVD pixel_9") as missing,
        source(emulator, adb, "pixel_9").open(Stop()),
    ):
        pass
    assert missing.value.cause is Cause.NO_DEVICE
    assert "pixel_api_34" in missing.value.what


@pytest.mark.slow
def test_an_emulator_that_dies_while_booting_is_quoted(emulator, adb):
    with pytest.raises(StageError, match="hardware acceleration") as dead, source(emulator, adb, "broken").open(Stop()):
        pass
    assert dead.value.cause is Cause.NO_DEVICE
    assert "-accel-check" in dead.value.remedy


def test_no_emulator_at_all_says_how_to_get_one(adb):
    nowhere = EmulatorSource(avd="a", count=1, binary=adb, server_port=25_999, environ={"PATH": "/nowhere"})
    with pytest.raises(StageError, match="no Android emulator") as missing, nowhere.open(Stop()):
        pass
    assert "sdkmanager" in missing.value.remedy
