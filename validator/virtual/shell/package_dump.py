"""`dumpsys package`: everything about one package."""

from __future__ import annotations

import time

from validator.virtual.device.device import Device
from validator.virtual.device.installed import InstalledApp


def dump(device: Device, package: str) -> str:
    """The text of `dumpsys package PACKAGE`; like Android's, it is short and no error for an unknown package."""
    app = device.installed.get(package)
    if app is None:
        return f"Dexopt state:\n  Unable to find package: {package}\n"
    return "\n".join([*_activities(app), "Packages:", *_package(app), *_permissions(app)])


def _activities(app: InstalledApp) -> list[str]:
    if app.component is None:
        return []
    return [
        "Activity Resolver Table:",
        "  Non-Data Actions:",
        "      android.intent.action.MAIN:",
        f"        4f2a91c {app.component} filter 7d1c0e5",
        '          Action: "android.intent.action.MAIN"',
        '          Category: "android.intent.category.LAUNCHER"',
        "",
    ]


def _package(app: InstalledApp) -> list[str]:
    manifest = app.manifest
    flags = ["HAS_CODE", "ALLOW_CLEAR_USER_DATA"]
    flags += ["DEBUGGABLE"] if manifest.debuggable else []
    flags += ["TEST_ONLY"] if manifest.test_only else []
    abis, signers = sorted(app.base.native_abis), app.base.signers
    return [
        f"  Package [{app.package}] (a1b2c3d):",
        f"    userId={app.uid}",
        f"    pkg=Package{{f00ba12 {app.package}}}",
        f"    codePath={app.code_path}",
        f"    primaryCpuAbi={abis[0] if abis else 'null'}",
        f"    versionCode={manifest.version_code} minSdk={manifest.min_sdk} targetSdk={manifest.target_sdk}",
        f"    versionName={manifest.version_name or 'null'}",
        f"    signatures=PackageSignatures{{0 version:{signers.scheme}, signatures:[{signers.certificates[0][:8]}]}}",
        f"    flags=[ {' '.join(flags)} ]",
        f"    timeStamp={_time(app.updated)}",
        f"    lastUpdateTime={_time(app.updated)}",
        f"    firstInstallTime={_time(app.first_installed)}",
    ]


def _permissions(app: InstalledApp) -> list[str]:
    requested = [f"      {name}" for name in app.manifest.permissions]
    granted = [
        f"        {name}: granted={'true' if name in app.granted else 'false'}" for name in app.manifest.permissions
    ]
    user = f"    User 0: ceDataInode=131073 installed=true hidden=false stopped={str(app.stopped).lower()}"
    return ["    requested permissions:", *requested, user, "      runtime permissions:", *granted]


def _time(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at))
