"""Whether a device can run the APK at all. Pure.

What a device runs is known once it has been opened: an emulator's image may translate other ABIs than its own. So this
is asked then, before anything is installed.
"""

from __future__ import annotations

from validator.model.build import Apk
from validator.model.causes import Cause
from validator.model.device import DeviceInfo
from validator.model.errors import StageError


def require_fit(apk: Apk, device: DeviceInfo) -> None:
    """Refuse a device that has none of the APK's ABIs, or an older platform than the APK needs.

    Raises:
        StageError: `apk_incompatible`.
    """
    if apk.abis and device.abis and not set(apk.abis) & set(device.abis):
        raise StageError(
            Cause.APK_INCOMPATIBLE,
            f"the APK has native code for {', '.join(apk.abis)}, and this device runs {', '.join(device.abis)}",
            where=device.serial,
            remedy=f"build the APK with {device.abis[0]}, too (`ndk.abiFilters`, or a universal APK), or run the flows "
            f"on a device with {apk.abis[0]}",
        )
    if apk.min_sdk > device.sdk > 0:
        raise StageError(
            Cause.APK_INCOMPATIBLE,
            f"the APK needs Android API {apk.min_sdk}, and this device has {device.sdk}",
            where=device.serial,
            remedy="run the flows on a newer device, or lower minSdkVersion",
        )
