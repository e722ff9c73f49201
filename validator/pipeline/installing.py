"""The APK under test onto every device, all at once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from validator.builds.fit import require_fit
from validator.devices.port import Device
from validator.model.build import Apk
from validator.model.errors import StageError
from validator.model.events import DeviceLeased, DeviceLost, Event


def install_everywhere(
    devices: Mapping[str, Device], apk: Path, package: str, facts: Apk | None = None
) -> Iterator[Event]:
    """Install the APK on all devices; those that cannot take it are left out of the run.

    Args:
        devices: By serial.
        apk: The file.
        package: The application id.
        facts: What is known of the APK: where its ABIs or its least platform rule a device out, nothing is installed.

    Raises:
        StageError: Not one device could take it; the first device's reason.
    """
    refused: list[StageError] = []
    with ThreadPoolExecutor(max_workers=max(1, len(devices)), thread_name_prefix="install") as pool:
        results = pool.map(lambda device: _install(device, apk, package, facts), devices.values())
        for device, result in zip(devices.values(), results, strict=True):
            if isinstance(result, StageError):
                refused.append(result)
                yield DeviceLost(serial=device.info.serial, reason=result.text)
            else:
                yield DeviceLeased(device=device.info, seconds=result)
    if len(refused) == len(devices):
        raise refused[0]


def _install(device: Device, apk: Path, package: str, facts: Apk | None) -> float | StageError:
    began = time.monotonic()
    try:
        if facts is not None:
            require_fit(facts, device.info)
        device.install(apk, package)
    except StageError as error:
        return error
    return time.monotonic() - began
