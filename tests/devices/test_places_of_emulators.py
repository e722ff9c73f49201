"""The place of an emulator: what keeps it empty is told as the stage's error, and nothing is booted in vain."""

from __future__ import annotations

import random
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from validator.devices.adb import Adb
from validator.devices.android import AndroidDevice
from validator.devices.avd.booting import Booter
from validator.devices.avd.settings import Avd
from validator.devices.avd.slot import Slot
from validator.model.causes import Cause
from validator.model.device import AdbAddress
from validator.model.errors import StageError
from validator.support.stop import Stop


def test_an_adb_server_that_is_gone_is_told_as_a_device_that_cannot_be_had(tmp_path: Path):
    port = random.Random().randrange(30_000, 32_000)  # noqa: S311 - a port, not a secret
    adb = Adb(AdbAddress(path="/nowhere/adb", server_port=port))
    booter = Booter(avd=Avd(name="pixel"), program="/nowhere/emulator", adb=adb, locks=tmp_path)
    with pytest.raises(StageError) as error, booter.boot(Stop(), 1):
        pass
    assert error.value.cause is Cause.NO_DEVICE
    assert error.value.remedy


def test_nothing_is_booted_once_a_stop_was_asked_for():
    booted: list[int] = []

    def boot(stop: Stop, number: int) -> AbstractContextManager[AndroidDevice]:
        booted.append(number)
        raise StageError(Cause.NO_DEVICE, "it does not boot")

    stop = Stop()
    stop.set("deadline")
    with pytest.raises(StageError, match="deadline"):
        Slot(boot, 3).start(stop)
    assert booted == []
