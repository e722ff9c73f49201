"""What is on the device, and the rules by which it changes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from validator.virtual.device.profile import DeviceProfile
from validator.virtual.device.storage import Storage
from validator.virtual.packages.apk import Apk
from validator.virtual.packages.manifest import Manifest
from validator.virtual.packages.refusal import InstallCode, InstallRefusedError

_FIRST_UID = 10_190  # on a fresh emulator image the system's own apps take the uids below
_LOWEST_TARGET = {34: 23, 35: 24, 36: 24}
"""The target API below which a device refuses an app (`MIN_INSTALLABLE_TARGET_SDK`), by its own API level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallOptions:
    """Flags of `pm install`: `-R` forbids replacing, `-d` allows a downgrade, `-t` test-only apps, `-g` grants all."""

    replace: bool = True
    downgrade: bool = False
    test_only: bool = False
    grant_all: bool = False


@dataclass(slots=True, kw_only=True)
class InstalledApp:
    """One installed package with what belongs to it: its files, its private data, what the user granted it."""

    base: Apk
    splits: tuple[Apk, ...] = ()
    uid: int
    first_installed: float
    updated: float
    code_path: str
    granted: set[str] = field(default_factory=set)
    data: dict[str, str] = field(default_factory=dict)
    stopped: bool = True

    @property
    def manifest(self) -> Manifest:
        """The base APK's manifest."""
        return self.base.manifest

    @property
    def package(self) -> str:
        """The application id."""
        return self.base.manifest.package

    @property
    def label(self) -> str:
        """The name people see."""
        return self.base.label

    @property
    def component(self) -> str | None:
        """`package/.Activity` of the activity that the launcher starts."""
        launcher = self.manifest.launcher
        return None if launcher is None else short_component(self.package, launcher)

    @property
    def size(self) -> int:
        """Bytes of its APKs."""
        return sum(apk.size for apk in (self.base, *self.splits))

    def files(self) -> Iterator[tuple[str, Apk]]:
        """Its APKs by path."""
        yield f"{self.code_path}/base.apk", self.base
        for split in self.splits:
            yield f"{self.code_path}/split_{split.manifest.split}.apk", split


def short_component(package: str, activity: str) -> str:
    """`package/.Activity`, or the full class name when it lies outside the package."""
    shown = activity[len(package) :] if activity.startswith(f"{package}.") else activity
    return f"{package}/{shown}"


class InstalledApps:
    """The packages of one device."""

    def __init__(self, profile: DeviceProfile, storage: Storage) -> None:
        self._profile = profile
        self._storage = storage
        self._apps: dict[str, InstalledApp] = {}
        self._next_uid = _FIRST_UID
        self._kept: dict[str, dict[str, str]] = {}

    def get(self, package: str) -> InstalledApp | None:
        """The package, None when it is not installed."""
        return self._apps.get(package)

    def all(self) -> list[InstalledApp]:
        """Every installed package, by name."""
        return [self._apps[name] for name in sorted(self._apps)]

    def install(self, apks: tuple[Apk, ...], options: InstallOptions) -> InstalledApp:
        """Install or update a package from its base APK and splits.

        Raises:
            InstallRefusedError: Android would refuse; the old version, if any, stays as it was.
        """
        base, splits = _arranged(apks)
        old = self._apps.get(base.manifest.package)
        self._check(base, splits, old, options)
        size = sum(apk.size for apk in apks)
        self._take(size, old)
        now = time.time()
        app = InstalledApp(
            base=base,
            splits=splits,
            uid=old.uid if old else self._uid(),
            first_installed=old.first_installed if old else now,
            updated=now,
            code_path=f"/data/app/~~{base.sha256[:22]}==/{base.manifest.package}-{base.sha256[22:44]}==",
            granted=set(old.granted) if old else set(),
            data=old.data if old else self._kept.pop(base.manifest.package, {}),
        )
        if options.grant_all:
            app.granted |= set(base.manifest.permissions)
        self._apps[app.package] = app
        return app

    def uninstall(self, package: str, *, keep_data: bool = False) -> bool:
        """Remove a package; False when it was not there. With `keep_data` its data waits for the next installation."""
        app = self._apps.pop(package, None)
        if app is None:
            return False
        if keep_data:
            self._kept[package] = app.data
        self._storage.give_back(app.size)
        return True

    def _check(self, base: Apk, splits: tuple[Apk, ...], old: InstalledApp | None, options: InstallOptions) -> None:
        self._check_device(base, splits, options)
        if old is not None:
            _check_update(base, old, options)

    def _check_device(self, base: Apk, splits: tuple[Apk, ...], options: InstallOptions) -> None:
        manifest, sdk = base.manifest, self._profile.sdk
        if manifest.min_sdk > sdk:
            message = f"Requires newer sdk version #{manifest.min_sdk} (current version is #{sdk})"
            raise InstallRefusedError(InstallCode.OLDER_SDK, message)
        lowest = _LOWEST_TARGET.get(sdk, 0)
        if manifest.target_sdk < lowest:
            message = f"App package must target at least SDK version {lowest}, but found {manifest.target_sdk}"
            raise InstallRefusedError(InstallCode.DEPRECATED_SDK_VERSION, message)
        if manifest.test_only and not options.test_only:
            raise InstallRefusedError(
                InstallCode.TEST_ONLY, "Failed to install test-only apk. Did you forget to add -t?"
            )
        abis = frozenset[str]().union(*(apk.native_abis for apk in (base, *splits)))
        if abis and not abis.intersection(self._profile.abis):
            raise InstallRefusedError(InstallCode.NO_MATCHING_ABIS, "Failed to extract native libraries, res=-113")

    def _take(self, size: int, old: InstalledApp | None) -> None:
        # Android copies the new file before it removes the old one, so both must fit for a moment.
        try:
            self._storage.take(size)
        except OSError:
            raise InstallRefusedError(
                InstallCode.INSUFFICIENT_STORAGE, "Failed to override installation location"
            ) from None
        if old is not None:
            self._storage.give_back(old.size)

    def _uid(self) -> int:
        self._next_uid += 1
        return self._next_uid


def _arranged(apks: tuple[Apk, ...]) -> tuple[Apk, tuple[Apk, ...]]:
    bases = [apk for apk in apks if not apk.manifest.split]
    if len(bases) != 1:
        problem = "Full install must include a base package" if not bases else "Split null was defined multiple times"
        raise InstallRefusedError(InstallCode.INVALID_APK, problem)
    base = bases[0]
    splits = tuple(apk for apk in apks if apk.manifest.split)
    for split in splits:
        if split.manifest.package != base.manifest.package:
            message = f"Inconsistent package {split.manifest.package}; expected {base.manifest.package}"
            raise InstallRefusedError(InstallCode.INVALID_APK, message)
        if split.signers.certificates != base.signers.certificates:
            message = f"split_{split.manifest.split}.apk signatures are inconsistent"
            raise InstallRefusedError(InstallCode.INVALID_APK, message)
    return base, splits


def _check_update(new: Apk, old: InstalledApp, options: InstallOptions) -> None:
    package = old.package
    if not options.replace:
        message = f"Attempt to re-install {package} without first uninstalling."
        raise InstallRefusedError(InstallCode.ALREADY_EXISTS, message)
    if new.signers.certificates != old.base.signers.certificates:
        message = f"Existing package {package} signatures do not match newer version; ignoring!"
        raise InstallRefusedError(InstallCode.UPDATE_INCOMPATIBLE, message)
    versions = (new.manifest.version_code, old.manifest.version_code)
    if versions[0] < versions[1] and not (options.downgrade and old.manifest.debuggable):
        message = f"Downgrade detected: Update version code {versions[0]} is older than current {versions[1]}"
        raise InstallRefusedError(InstallCode.VERSION_DOWNGRADE, message)
