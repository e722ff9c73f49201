"""Global settings that a device has while it is ours: nothing covers the app, nothing moves that a flow waits for.

They are restored afterwards, on a device that answers.
"""

from __future__ import annotations

from validator.devices.handset import Handset

QUIET = {
    "hide_error_dialogs": "1",
    "window_animation_scale": "0",
    "transition_animation_scale": "0",
    "animator_duration_scale": "0",
}
"""Apps that crash or hang show no dialog; and the three animations, which make taps miss and screenshots blur."""

_LEAVE_SECONDS = 3.0


def quiet(handset: Handset) -> list[str]:
    """Set them; what undoes it again, in the words of the device's shell.

    Raises:
        StageError: `device_lost` when the device does not answer.
    """
    names = list(QUIET)
    said = handset.ask("; ".join(f"echo $(settings get global {name})" for name in names))
    before = dict(zip(names, (line.strip() for line in said.splitlines()), strict=False))
    handset.try_all([f"settings put global {name} {value}" for name, value in QUIET.items()], _LEAVE_SECONDS)
    return [_undo(name, before.get(name, "")) for name in names]


def _undo(name: str, value: str) -> str:
    return f"settings put global {name} {value}" if _plain(value) else f"settings delete global {name}"


def _plain(value: str) -> bool:
    """Whether it is a number, as these settings are; `null` is one that nobody has set."""
    return value.replace(".", "", 1).isdecimal() and value.isascii()
