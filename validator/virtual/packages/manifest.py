"""What an AndroidManifest.xml says, as far as installing and starting the app depends on it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from validator.virtual.packages.axml import Element, read_axml
from validator.virtual.packages.chunks import ChunkError
from validator.virtual.packages.refusal import InstallCode, InstallRefusedError

_PACKAGE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+")
_PREVIEW_SDK = 10_000  # `Build.VERSION_CODES.CUR_DEVELOPMENT`: what a codename stands for
_EXPORTED_REQUIRED_FROM = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentFilter:
    """What an activity answers to."""

    actions: frozenset[str]
    categories: frozenset[str]
    schemes: frozenset[str]
    hosts: frozenset[str]

    def opens(self, scheme: str, host: str) -> bool:
        """Whether a VIEW of such an address lands here."""
        return (
            "android.intent.action.VIEW" in self.actions
            and scheme in self.schemes
            and (not self.hosts or host in self.hosts or "*" in self.hosts)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """An activity by its full class name."""

    name: str
    exported: bool
    filters: tuple[IntentFilter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrumentation:
    """A test runner and the package it runs in."""

    name: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The facts of a manifest. `label` may be a reference to a resource; `split` is empty for a base APK."""

    package: str
    split: str
    version_code: int
    version_name: str
    min_sdk: int
    target_sdk: int
    debuggable: bool
    test_only: bool
    label: str
    permissions: tuple[str, ...]
    activities: tuple[Activity, ...]
    instrumentations: tuple[Instrumentation, ...]

    @property
    def launcher(self) -> str | None:
        """The class of the activity that the launcher starts."""
        for activity in self.activities:
            for entry in activity.filters:
                if "android.intent.action.MAIN" in entry.actions and (
                    "android.intent.category.LAUNCHER" in entry.categories
                ):
                    return activity.name
        return None


def read_manifest(data: bytes) -> Manifest:
    """Read a binary manifest.

    Raises:
        InstallRefusedError: it is none, or Android would not accept what it says.
    """
    try:
        root = read_axml(data)
    except ChunkError as problem:
        raise InstallRefusedError(
            InstallCode.UNEXPECTED_EXCEPTION, f"Failed to read AndroidManifest.xml: {problem}"
        ) from None
    if root.name != "manifest":
        raise InstallRefusedError(InstallCode.MANIFEST_MALFORMED, "No <manifest> tag")
    package = root.text("package")
    if not _PACKAGE_NAME.fullmatch(package):
        raise InstallRefusedError(InstallCode.BAD_PACKAGE_NAME, f"Invalid manifest package: {package!r}")
    return _manifest(root, package)


def _manifest(root: Element, package: str) -> Manifest:
    application = next(iter(root.all("application")), Element(name="application"))
    sdk = next(iter(root.all("uses-sdk")), Element(name="uses-sdk"))
    min_sdk = _sdk(sdk.text("minSdkVersion"), default=1)
    target_sdk = _sdk(sdk.text("targetSdkVersion"), default=min_sdk)
    return Manifest(
        package=package,
        split=root.text("split"),
        version_code=_number(root.text("versionCodeMajor")) << 32 | _number(root.text("versionCode")),
        version_name=root.text("versionName"),
        min_sdk=min_sdk,
        target_sdk=target_sdk,
        debuggable=application.flag("debuggable"),
        test_only=application.flag("testOnly"),
        label=application.text("label"),
        permissions=tuple(entry.text("name") for entry in root.all("uses-permission")),
        activities=_activities(application, package, target_sdk),
        instrumentations=tuple(
            Instrumentation(name=_class(entry.text("name"), package), target=entry.text("targetPackage"))
            for entry in root.all("instrumentation")
        ),
    )


def _activities(application: Element, package: str, target_sdk: int) -> tuple[Activity, ...]:
    entries = [*application.all("activity"), *application.all("activity-alias")]
    return tuple(_activity(entry, package, target_sdk) for entry in entries if entry.flag("enabled", default=True))


def _activity(entry: Element, package: str, target_sdk: int) -> Activity:
    name = _class(entry.text("name"), package)
    filters = tuple(_filter(inner) for inner in entry.all("intent-filter"))
    if filters and "exported" not in entry.attributes and target_sdk >= _EXPORTED_REQUIRED_FROM:
        raise InstallRefusedError(
            InstallCode.MANIFEST_MALFORMED,
            f"{name}: Targeting S+ (version 31 and above) requires that an explicit value for "
            "android:exported be defined when intent filters are present",
        )
    return Activity(name=name, exported=entry.flag("exported", default=bool(filters)), filters=filters)


def _filter(entry: Element) -> IntentFilter:
    data = entry.all("data")
    return IntentFilter(
        actions=frozenset(inner.text("name") for inner in entry.all("action")),
        categories=frozenset(inner.text("name") for inner in entry.all("category")),
        schemes=frozenset(inner.text("scheme") for inner in data) - {""},
        hosts=frozenset(inner.text("host") for inner in data) - {""},
    )


def _class(name: str, package: str) -> str:
    if name.startswith("."):
        return package + name
    return name if "." in name or not name else f"{package}.{name}"


def _number(text: str) -> int:
    try:
        return int(text) & 0xFFFFFFFF
    except ValueError:
        return 0


def _sdk(text: str, *, default: int) -> int:
    if not text:
        return default
    return int(text) if text.lstrip("-").isdecimal() else _PREVIEW_SDK
