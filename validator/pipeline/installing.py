"""The APK under test onto every device, all at once."""

from __future__ import annotations

import time
from collections.abc import Iterator, MutableMapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

from validator.builds.fit import require_fit
from validator.devices.port import Device
from validator.model.build import Apk
from validator.model.errors import StageError
from validator.model.events import DeviceLeased, DeviceLost, Event
from validator.pipeline.replacing import SICK, Replaced, replace_device
from validator.support.stop import Stop


def install_everywhere(
    devices: MutableMapping[str, Device], apk: Path, package: str, facts: Apk | None = None, stop: Stop | None = None
) -> Iterator[Event]:
    """Install the APK on all devices; one that is lost or sick is replaced, and one that refuses it is left out.

    Args:
        devices: By serial; those that are started instead are added.
        apk: The file.
        package: The application id.
        facts: What is known of the APK: where its ABIs or its least platform rule a device out, nothing is installed.
        stop: Ends the start of others.

    Raises:
        StageError: Not one device could take it; the first device's reason.
    """
    install = partial(install_on, apk=apk, package=package, facts=facts)
    refused: list[StageError] = []
    ready = 0
    with ThreadPoolExecutor(max_workers=max(1, len(devices)), thread_name_prefix="install") as pool:
        known = tuple(devices.values())
        coming: list[Future[Replaced]] = []
        for device, result in zip(known, pool.map(install, known), strict=True):
            if isinstance(result, StageError):
                refused.append(result)
                lost = Replaced(lost=device.info.serial, reason=result.text)
                renew = device.renew if result.cause in SICK else None
                yield DeviceLost(serial=lost.lost, reason=lost.reason, replacing=renew is not None)
                coming += [pool.submit(replace_device, lost, renew, install, stop or Stop())] if renew else []
            else:
                ready += 1
                yield DeviceLeased(device=device.info, seconds=result)
        for replaced in map(Future.result, coming):
            if replaced.device is not None:
                ready += 1
                devices[replaced.device.info.serial] = replaced.device
            yield replaced.event
    if refused and not ready:
        raise refused[0]


def install_on(device: Device, apk: Path, package: str, facts: Apk | None) -> float | StageError:
    """Install the APK on one device; the seconds that it took, or why it cannot be."""
    began = time.monotonic()
    try:
        if facts is not None:
            require_fit(facts, device.info)
        device.install(apk, package)
    except StageError as error:
        return error
    return time.monotonic() - began
