"""Meets a device: waits until it has booted, and asks what it is."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from validator.devices.adb import AdbError
from validator.devices.android import AndroidDevice
from validator.devices.form_factor import HINGE, form_factor, screen
from validator.devices.handset import Handset
from validator.devices.health import SCRIPT, read_health
from validator.devices.quieting import quiet
from validator.model.causes import Cause
from validator.model.device import DeviceInfo
from validator.model.errors import StageError
from validator.support.stop import Stop

BOOT_SECONDS = 300.0
"""How long an emulator may take to boot; without acceleration they do need minutes."""
_POLL_SECONDS = 0.5
_ANSWER_SECONDS = 5.0
_LEAVE_SECONDS = 3.0

_QUESTIONS = (
    "getprop ro.product.model",
    "getprop ro.build.version.sdk",
    "getprop ro.product.cpu.abilist",
    "getprop ro.build.characteristics",
    "wm size 2>/dev/null",
    "wm density 2>/dev/null",
    f"pm has-feature {HINGE} 2>/dev/null",
    "getprop ro.kernel.qemu",
    "getprop ro.boot.qemu",
    "cat /proc/sys/kernel/random/boot_id 2>/dev/null",
)
_SCRIPT = "; ".join(f"echo $({question})" for question in _QUESTIONS)

log = logging.getLogger(__name__)


@contextmanager
def opened(  # noqa: PLR0913 - nearly all by keyword, with a default
    handset: Handset,
    stop: Stop,
    *,
    redact: Callable[[str], str] = str,
    kind: str = "",
    labels: Sequence[str] = (),
    boot_seconds: float = BOOT_SECONDS,
    while_away: Callable[[], None] | None = None,
    make_fit: Callable[[], Sequence[str]] = tuple,
) -> Iterator[AndroidDevice]:
    """The device, booted and introduced, while the block runs; its settings are restored afterwards.

    Args:
        handset: The serial and its adb.
        stop: Ends the waiting, and later the installations.
        redact: Takes secrets out of every log line that is kept.
        kind: What the device is, where the caller knows; else it is asked.
        labels: What the configuration calls it.
        boot_seconds: Deadline for booting.
        while_away: Called again and again until adb reaches the device.
        make_fit: Called once it has booted: puts right what flows cannot run with, and says what that was.

    Raises:
        StageError: `no_device` when it does not boot in time; what `make_fit` raises.
    """
    await_boot(handset, boot_seconds, stop, while_away)
    info = introduce(handset, kind, labels)
    undo = quiet(handset)
    device = AndroidDevice(handset, replace(info, put_right=tuple(make_fit())), stop, redact)
    try:
        yield device
    finally:
        device.close()
        if device.answering:
            handset.try_all(undo, _LEAVE_SECONDS)


def await_boot(handset: Handset, seconds: float, stop: Stop, while_away: Callable[[], None] | None = None) -> None:
    """Wait until Android is up; `while_away` is called as long as adb does not reach the device.

    Raises:
        StageError: `no_device` when the time has passed, or a stop was asked for.
    """
    deadline = time.monotonic() + seconds
    why = "it does not answer"
    while time.monotonic() < deadline and not stop.is_set:
        try:
            result = handset.adb.shell(handset.serial, SCRIPT, seconds=_ANSWER_SECONDS)
        except AdbError as error:
            why = error.what
            if while_away is not None:
                while_away()
        else:
            if read_health(result.text).up:
                return
            why = "sys.boot_completed is not 1, or the package manager does not answer"
        stop.wait(_POLL_SECONDS)
    raise StageError(
        Cause.NO_DEVICE,
        stop.reason or f"not booted within {seconds:g} s: {why}",
        where=handset.name,
        remedy="see that the device boots by itself; on CI give the emulator hardware acceleration (KVM)",
    )


def introduce(handset: Handset, kind: str = "", labels: Sequence[str] = ()) -> DeviceInfo:
    """What the device says about itself.

    Raises:
        StageError: `device_lost` when it does not answer.
    """
    lines = [line.strip() for line in handset.ask(_SCRIPT).splitlines()]
    model, sdk, abis, characteristics, size, density, hinge, *qemu, boot_id = (
        *lines,
        *("" for _ in _QUESTIONS),
    )[: len(_QUESTIONS)]
    shown = screen(size, density)
    return DeviceInfo(
        serial=handset.name,
        model=model or "(unknown)",
        sdk=int(sdk) if sdk.isdecimal() and len(sdk) < 5 else 0,
        abis=tuple(abi for abi in abis.split(",") if abi),
        kind=kind or ("emulator" if "1" in qemu or handset.serial.startswith("emulator-") else "physical"),
        boot_id=boot_id,
        form_factor=form_factor(characteristics, shown, folds=hinge == "true"),
        screen=shown,
        labels=tuple(labels),
    )
