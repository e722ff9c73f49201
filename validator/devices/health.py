"""Whether a device is fit to run a flow, from the answers of one shell script. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from validator.model.causes import Cause
from validator.model.errors import StageError

NEEDED_MB = 200
"""Free space on /data. Android itself warns below 500 MB and refuses to write below 50 to 100."""

_SEPARATOR = "@@validator@@"
_QUESTIONS = (
    "getprop sys.boot_completed",
    "pm path android",
    "df -k /data",
    "dumpsys window | grep mCurrentFocus",
)
SCRIPT = f"; echo {_SEPARATOR}; ".join(_QUESTIONS)

_FOCUS = re.compile(r"mCurrentFocus=Window\{\S+ (?:u\d+ )?([^}]+)\}")
_DIALOG = re.compile(r"Application (Not Responding|Error): (\S+)")
_LOCKED = ("NotificationShade", "StatusBar", "Keyguard")


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a device answered."""

    booted: bool
    packages: bool
    """Whether the package manager answers: after `sys.boot_completed` that can take seconds."""
    free_mb: int | None
    """None when `df` said nothing that could be read."""
    window: str
    """The focused window: `com.example.shop/.MainActivity`, `Application Not Responding: com.android.systemui`."""

    @property
    def up(self) -> bool:
        """Whether Android runs."""
        return self.booted and self.packages

    @property
    def dialog_owner(self) -> str:
        """The app that an error dialog in front is about; empty when there is none."""
        found = _DIALOG.match(self.window)
        return found[2] if found else ""

    @property
    def locked(self) -> bool:
        """Whether the lock screen or the notification shade is in front."""
        return self.window.startswith(_LOCKED)

    @property
    def covered(self) -> bool:
        """Whether something of the system is in front of any app."""
        return bool(self.dialog_owner) or self.locked


def read_health(answers: str) -> Health:
    """What the output of `SCRIPT` says."""
    parts = [part.strip() for part in answers.split(_SEPARATOR)]
    booted, package, storage, window = (*parts, "", "", "", "")[:4]
    return Health(
        booted=booted == "1",
        packages=package.startswith("package:"),
        free_mb=free_mb(storage),
        window=focused_window(window),
    )


def focused_window(dumped: str) -> str:
    """The focused window in the output of `dumpsys window`; the last one that is named, with several displays."""
    found = _FOCUS.findall(dumped)
    return found[-1].strip() if found else ""


def focused_package(dumped: str) -> str:
    """The package that the focused window belongs to; for a dialog of the system its whole title."""
    window = focused_window(dumped)
    return window if _DIALOG.match(window) else window.partition("/")[0]


def check(health: Health, serial: str) -> None:
    """Refuse a device that no flow can run on.

    Raises:
        StageError: `device_unhealthy`, with what is wrong with it.
    """
    if not health.up:
        what = "the package manager does not answer" if health.booted else "Android has not booted"
        raise _unhealthy(serial, what, "wait until the device has booted, or restart it")
    if health.free_mb is not None and health.free_mb < NEEDED_MB:
        what = f"{health.free_mb} MB free on /data, {NEEDED_MB} MB needed"
        raise _unhealthy(serial, what, "free storage on the device, or boot it with a larger data partition")
    if health.dialog_owner:
        raise _unhealthy(serial, f"the dialog `{health.window}` cannot be closed", "restart the device")
    if health.locked:
        raise _unhealthy(serial, "its screen is locked", "unlock it and take its screen lock away")


def free_mb(dumped: str) -> int | None:
    """The `Available` column of the last line (toybox df -k); None when it says nothing that could be read."""
    fields = dumped.splitlines()[-1].split() if dumped else []
    if len(fields) < 4 or not fields[-3].isdecimal() or len(fields[-3]) > 18:
        return None
    return int(fields[-3]) // 1024


def _unhealthy(serial: str, what: str, remedy: str) -> StageError:
    return StageError(Cause.DEVICE_UNHEALTHY, what, where=serial, remedy=remedy)
