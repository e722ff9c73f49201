"""Named values that outlive apps: system properties and the settings provider."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

_VALUE_LIMIT = 91
"""PROP_VALUE_MAX without its final zero: what `setprop` accepts for anything that is not read-only."""


class PropertyRefusedError(Exception):
    """`setprop` failed, in its own words."""


class Properties:
    """System properties. Those that start with `persist.` survive a reboot, the rest returns to the image's values."""

    def __init__(self, image: Mapping[str, str]) -> None:
        self._image = dict(image)
        self._values = dict(image)

    def get(self, name: str) -> str:
        """The value, empty when not set."""
        return self._values.get(name, "")

    def set(self, name: str, value: str) -> None:
        """Set a property as `setprop` does.

        Raises:
            PropertyRefusedError: read-only, or too long.
        """
        if name.startswith("ro.") and name in self._values:
            raise PropertyRefusedError(f"Failed to set property '{name}' to '{value}'.")
        if len(value.encode()) > _VALUE_LIMIT and not name.startswith("ro."):
            raise PropertyRefusedError(f"Failed to set property '{name}' to '{value}'.")
        self._values[name] = value

    def system_set(self, name: str, value: str) -> None:
        """Set a property as the system itself does: without restrictions; an empty value removes it."""
        if value:
            self._values[name] = value
        else:
            self._values.pop(name, None)

    def reboot(self) -> None:
        """Forget what does not persist."""
        kept = {name: value for name, value in self._values.items() if name.startswith("persist.")}
        self._values = self._image | kept

    def all(self) -> list[tuple[str, str]]:
        """Every property, sorted by name."""
        return sorted(self._values.items())


class Namespace(StrEnum):
    """The tables of the settings provider."""

    SYSTEM = "system"
    SECURE = "secure"
    GLOBAL = "global"


_DEFAULTS = {
    Namespace.SYSTEM: {"screen_brightness": "102", "screen_off_timeout": "60000", "accelerometer_rotation": "0"},
    Namespace.SECURE: {
        "android_id": "a3f1c2d4e5b60718",
        "default_input_method": "com.google.android.inputmethod.latin/com.android.inputmethod.latin.LatinIME",
        "show_ime_with_hard_keyboard": "1",
    },
    Namespace.GLOBAL: {
        "adb_enabled": "1",
        "airplane_mode_on": "0",
        "animator_duration_scale": "1.0",
        "device_name": "sdk_gphone64_x86_64",
        "development_settings_enabled": "1",
        "stay_on_while_plugged_in": "1",
        "transition_animation_scale": "1.0",
        "wifi_on": "1",
        "window_animation_scale": "1.0",
    },
}


class Settings:
    """The settings provider: survives `pm clear` and reboots."""

    def __init__(self) -> None:
        self._tables = {namespace: dict(values) for namespace, values in _DEFAULTS.items()}

    def get(self, namespace: Namespace, name: str) -> str | None:
        """The value, None when not set (which `settings get` prints as `null`)."""
        return self._tables[namespace].get(name)

    def put(self, namespace: Namespace, name: str, value: str) -> None:
        """Set a value."""
        self._tables[namespace][name] = value

    def delete(self, namespace: Namespace, name: str) -> bool:
        """Remove a value; whether there was one."""
        return self._tables[namespace].pop(name, None) is not None

    def all(self, namespace: Namespace) -> list[tuple[str, str]]:
        """Every value of a table, sorted by name."""
        return sorted(self._tables[namespace].items())
