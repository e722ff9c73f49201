"""The facts in an APK's manifest. Pure.

Resource ids are those of `android.R.attr`, frozen in the platform's `public-final.xml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from validator.builds.apk.axml import Element, Value, elements
from validator.builds.apk.bytesource import ApkUnreadableError

_VERSION_CODE: Final = 0x0101021B
_VERSION_NAME: Final = 0x0101021C
_MIN_SDK: Final = 0x0101020C
_TARGET_SDK: Final = 0x01010270
_DEBUGGABLE: Final = 0x0101000F
_PREVIEW_SDK: Final = 10_000
"""What Android takes for a platform that is not released yet, named by a word such as `Baklava`."""
_MAX_ELEMENTS: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What the system reads from the manifest before it installs the APK."""

    package: str
    version_name: str
    version_code: int
    min_sdk: int
    target_sdk: int
    debuggable: bool
    """Also true when the manifest leaves it to a resource: then it is true for some devices."""


def read_manifest(data: bytes) -> Manifest:
    """Read `AndroidManifest.xml` as it lies in the APK.

    Raises:
        ApkUnreadableError: It is no manifest.
    """
    manifest = uses_sdk = application = None
    for number, element in enumerate(elements(data)):
        if number > _MAX_ELEMENTS:
            raise ApkUnreadableError("the manifest has more elements than any app's")
        match element.path:
            case ("manifest",):
                manifest = manifest or element
            case ("manifest", "uses-sdk"):
                uses_sdk = uses_sdk or element
            case ("manifest", "application"):
                application = application or element
            case _:
                pass
    if manifest is None or not isinstance(package := manifest.attributes.get("package"), str) or not package:
        raise ApkUnreadableError("the manifest names no package")
    min_sdk = _sdk(_of(uses_sdk, _MIN_SDK), 1)
    return Manifest(
        package=package,
        version_name=_text(_of(manifest, _VERSION_NAME)),
        version_code=_number(_of(manifest, _VERSION_CODE)),
        min_sdk=min_sdk,
        target_sdk=_sdk(_of(uses_sdk, _TARGET_SDK), min_sdk),
        debuggable=_truth(_of(application, _DEBUGGABLE)),
    )


def _of(element: Element | None, key: int) -> Value:
    return element.attributes.get(key) if element is not None else None


def _text(value: Value) -> str:
    return "" if value is None else str(value)


def _number(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _sdk(value: Value, default: int) -> int:
    match value:
        case int():
            return value
        case str():
            return int(value) if value.isdecimal() and len(value) < 6 else _PREVIEW_SDK
        case _:
            return default


def _truth(value: Value) -> bool:
    match value:
        case None:
            return False
        case str():
            return value.lower() in ("true", "1")
        case _:
            return bool(value)
