"""The facts in an APK's manifest. Pure.

Resource ids are those of `android.R.attr`, frozen in the platform's `public-final.xml`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from validator.builds.apk.axml import Element, Reference, Value, elements
from validator.builds.apk.bytesource import ApkUnreadableError

_VERSION_CODE: Final = 0x0101021B
_VERSION_NAME: Final = 0x0101021C
_MIN_SDK: Final = 0x0101020C
_TARGET_SDK: Final = 0x01010270
_DEBUGGABLE: Final = 0x0101000F
_NAME: Final = 0x01010003
_ENABLED: Final = 0x0101000E
_TEST_ONLY: Final = 0x01010272
_CLEARTEXT: Final = 0x010104EC
_NETWORK: Final = 0x01010527
_PREVIEW_SDK: Final = 10_000
"""What Android takes for a platform that is not released yet, named by a word such as `Baklava`."""
_MAX_ELEMENTS: Final = 100_000
_ROOT: Final = "manifest"
_LAUNCHED: Final = frozenset({"android.intent.action.MAIN", "android.intent.category.LAUNCHER"})


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
    test_only: bool = False
    cleartext: bool | None = None
    """`usesCleartextTraffic`; None when it is not said."""
    network: int = 0
    """The resource of the network security configuration; 0 when there is none."""
    permissions: tuple[str, ...] = ()
    launchable: tuple[str, ...] = ()
    """Classes of the activities that a launcher shows."""


def read_manifest(data: bytes) -> Manifest:
    """Read `AndroidManifest.xml` as it lies in the APK.

    Raises:
        ApkUnreadableError: It is no manifest.
    """
    found = _Found()
    for number, element in enumerate(elements(data)):
        if number > _MAX_ELEMENTS:
            raise ApkUnreadableError("the manifest has more elements than any app's")
        found.take(element)
    manifest, uses_sdk, application = found.first("manifest"), found.first("uses-sdk"), found.first("application")
    if manifest is None or not isinstance(package := manifest.attributes.get("package"), str) or not package:
        raise ApkUnreadableError("the manifest names no package")
    min_sdk = _sdk(_of(uses_sdk, _MIN_SDK), 1)
    cleartext, network = _of(application, _CLEARTEXT), _of(application, _NETWORK)
    return Manifest(
        package=package,
        version_name=_text(_of(manifest, _VERSION_NAME)),
        version_code=_number(_of(manifest, _VERSION_CODE)),
        min_sdk=min_sdk,
        target_sdk=_sdk(_of(uses_sdk, _TARGET_SDK), min_sdk),
        debuggable=truth(_of(application, _DEBUGGABLE)),
        test_only=truth(_of(application, _TEST_ONLY)),
        cleartext=None if cleartext is None else truth(cleartext),
        network=network.resource if isinstance(network, Reference) else 0,
        permissions=tuple(dict.fromkeys(found.permissions)),
        launchable=tuple(dict.fromkeys(_class(name, package) for name in found.launchable)),
    )


class _Found:
    """The elements that matter, as they come by."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, ...], Element] = {}
        self.permissions: list[str] = []
        self.launchable: list[str] = []
        self._activity: Element | None = None
        self._words: set[str] = set()

    def first(self, name: str) -> Element | None:
        path = (_ROOT,) if name == _ROOT else (_ROOT, name)
        return self._first.get(path)

    def take(self, element: Element) -> None:
        match element.path:
            case ("manifest",) | ("manifest", "uses-sdk" | "application"):
                self._first.setdefault(element.path, element)
            case ("manifest", "uses-permission" | "uses-permission-sdk-23" | "uses-permission-sdk-m"):
                self.permissions.append(_text(_of(element, _NAME)))
            case ("manifest", "application", "activity" | "activity-alias"):
                self._activity = element
            case ("manifest", "application", "activity" | "activity-alias", "intent-filter"):
                self._words = set()
            case ("manifest", "application", "activity" | "activity-alias", "intent-filter", "action" | "category"):
                self._words.add(_text(_of(element, _NAME)))
                if self._words >= _LAUNCHED and self._activity is not None and _enabled(self._activity):
                    self.launchable.append(_text(_of(self._activity, _NAME)))
            case _:
                pass


def _enabled(activity: Element) -> bool:
    said = _of(activity, _ENABLED)
    return said is None or truth(said)


def _class(name: str, package: str) -> str:
    """The full name of a class that the manifest may abbreviate."""
    if name.startswith("."):
        return package + name
    return name if "." in name else f"{package}.{name}"


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


def truth(value: Value) -> bool:
    """Whether an attribute says yes; one that is left to a resource does so for some devices."""
    match value:
        case None:
            return False
        case str():
            return value.lower() in ("true", "1")
        case _:
            return bool(value)
