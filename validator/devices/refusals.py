"""Why Android refused an installation, and what a person can do about it. Pure.

Codes: frameworks/base, PackageManager.INSTALL_FAILED_* and INSTALL_PARSE_FAILED_*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from validator.model.causes import Cause
from validator.model.errors import StageError

_FAILURE = re.compile(r"Failure \[([A-Z][A-Z0-9_]*)(?::\s*([^\]\n]*))?")

SIGNED_BY_ANOTHER_KEY = frozenset({"INSTALL_FAILED_UPDATE_INCOMPATIBLE", "INSTALL_FAILED_SHARED_USER_INCOMPATIBLE"})
NEWER_IS_THERE = frozenset({"INSTALL_FAILED_VERSION_DOWNGRADE"})
REPLACEABLE = SIGNED_BY_ANOTHER_KEY | NEWER_IS_THERE
"""What uninstalling the app that is there cures."""

_REMEDIES = {
    "INSTALL_FAILED_NO_MATCHING_ABIS": "build the APK with the device's ABI, or use a device of the APK's ABI",
    "INSTALL_FAILED_OLDER_SDK": "use a device with a newer Android version, or lower the build's minSdkVersion",
    "INSTALL_FAILED_INVALID_APK": "build the APK again; what was built is not a complete package",
    "INSTALL_FAILED_DEXOPT": "build the APK again; its code does not verify on this Android version",
    "INSTALL_FAILED_MISSING_SHARED_LIBRARY": "use a device image that has the library (for instance with Google APIs)",
    "INSTALL_FAILED_MISSING_FEATURE": "use a device that has the hardware feature which the manifest requires",
    "INSTALL_FAILED_MISSING_SPLIT": "build one universal APK; this one needs splits that it does not hold",
    "INSTALL_FAILED_TEST_ONLY": "build a release APK; this one is marked testOnly",
    "INSTALL_FAILED_VERIFICATION_FAILURE": "turn off `Verify apps over USB` in the device's developer options",
    "INSTALL_FAILED_USER_RESTRICTED": "allow installation over USB in the device's developer options",
    "INSTALL_FAILED_INSUFFICIENT_STORAGE": "free storage on the device, or boot it with a larger data partition",
    "INSTALL_PARSE_FAILED_NO_CERTIFICATES": "sign the APK; it carries no signature that Android accepts",
}
_DEVICE_AT_FAULT = frozenset(
    {
        "INSTALL_FAILED_INSUFFICIENT_STORAGE",
        "INSTALL_FAILED_USER_RESTRICTED",
        "INSTALL_FAILED_VERIFICATION_FAILURE",
        "INSTALL_FAILED_VERIFICATION_TIMEOUT",
        "INSTALL_FAILED_MEDIA_UNAVAILABLE",
        "INSTALL_FAILED_CONTAINER_ERROR",
        "INSTALL_FAILED_INTERNAL_ERROR",
        "INSTALL_FAILED_ABORTED",
    }
)
_UNREADABLE = "build the APK again, and see what `apksigner verify` says about it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Android's answer to an installation that it refused."""

    code: str
    detail: str

    def error(self, serial: str) -> StageError:
        """The refusal as the error that ends the stage."""
        at_fault = self.code in _DEVICE_AT_FAULT
        default = "restart the device" if at_fault else _UNREADABLE
        return StageError(
            Cause.DEVICE_UNHEALTHY if at_fault else Cause.APK_INCOMPATIBLE,
            f"Android refused the APK: {self.code}" + (f": {self.detail}" if self.detail else ""),
            where=serial,
            remedy=_REMEDIES.get(self.code, default),
        )


def read_refusal(output: Iterable[str]) -> Refusal | None:
    """The refusal in what `adb install` or `pm` printed; None when there is none."""
    for line in output:
        match = _FAILURE.search(line)
        if match is not None:
            return Refusal(code=match[1], detail=" ".join((match[2] or "").split())[:300])
    return None
