"""Can a device run the APK at all? Asked when it has been opened, before anything is installed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.builders import APK, PIXEL
from tests.pipeline.stand_ins import ScriptedDevice
from validator.builds.fit import require_fit
from validator.devices.port import Device
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.model.events import DeviceLeased, DeviceLost
from validator.pipeline.installing import install_everywhere

ARM = replace(APK, abis=("arm64-v8a", "armeabi-v7a"))


@pytest.mark.parametrize(
    ("apk", "device"),
    [
        (APK, PIXEL),
        (replace(APK, abis=()), PIXEL),
        (ARM, replace(PIXEL, abis=("x86_64", "arm64-v8a"))),
        (ARM, replace(PIXEL, abis=())),
        (replace(APK, min_sdk=34), PIXEL),
        (replace(APK, min_sdk=35), replace(PIXEL, sdk=0)),
    ],
)
def test_an_apk_fits_where_one_abi_and_the_platform_do(apk, device) -> None:
    require_fit(apk, device)


def test_an_apk_for_arm_alone_does_not_fit_an_emulator() -> None:
    with pytest.raises(StageError) as refused:
        require_fit(ARM, PIXEL)

    assert refused.value.cause is Cause.APK_INCOMPATIBLE
    assert refused.value.text == (
        "emulator-5554: the APK has native code for arm64-v8a, armeabi-v7a, and this device runs x86_64"
    )
    assert "build the APK with x86_64, too" in refused.value.remedy


def test_a_device_that_is_too_old_does_not_fit() -> None:
    with pytest.raises(StageError, match="needs Android API 35, and this device has 34"):
        require_fit(replace(APK, min_sdk=35), PIXEL)


def test_where_no_device_fits_nothing_is_installed(tmp_path: Path) -> None:
    refusing = StageError(Cause.DEVICE_UNHEALTHY, "it was asked to install")
    devices: dict[str, Device] = {name: ScriptedDevice(name, refuses=refusing) for name in ("one", "two")}

    with pytest.raises(StageError) as refused:
        list(install_everywhere(devices, tmp_path / "app.apk", ARM.package, ARM))

    assert refused.value.cause is Cause.APK_INCOMPATIBLE


def test_a_device_that_does_not_fit_is_left_out_beside_one_that_does(tmp_path: Path) -> None:
    class Phone(ScriptedDevice):
        @property
        def info(self):
            return replace(super().info, abis=("arm64-v8a",))

    devices: dict[str, Device] = {"emulator": ScriptedDevice("emulator"), "phone": Phone("phone")}

    lost, leased = install_everywhere(devices, tmp_path / "app.apk", ARM.package, ARM)

    assert isinstance(lost, DeviceLost)
    assert lost.serial == "emulator"
    assert isinstance(leased, DeviceLeased)
    assert leased.device.serial == "phone"
