"""`pm` and `cmd package`: installed packages."""

from __future__ import annotations

from collections.abc import Mapping

from validator.virtual.device.instrumentation import AUTOMATION_PACKAGE
from validator.virtual.shell import package_dump, package_install
from validator.virtual.shell.command import Command, Commands, Invocation
from validator.virtual.shell.options import split
from validator.virtual.shell.subcommands import THROWN, Subcommand, run_subcommand

_SYSTEM_PACKAGES = (
    "android",
    "com.android.chrome",
    "com.android.settings",
    "com.android.shell",
    "com.android.systemui",
    "com.google.android.apps.nexuslauncher",
    "com.google.android.inputmethod.latin",
)
_NOT_CHANGEABLE = frozenset(
    f"android.permission.{name}"
    for name in (
        "ACCESS_NETWORK_STATE",
        "ACCESS_WIFI_STATE",
        "FOREGROUND_SERVICE",
        "INTERNET",
        "RECEIVE_BOOT_COMPLETED",
        "VIBRATE",
        "WAKE_LOCK",
    )
)
"""Install-time permissions that apps commonly request: granted with the app, never by `pm grant`."""


async def _list(call: Invocation, args: tuple[str, ...]) -> int:
    options = split(args, valued=("--user", "--uid"))
    what, *filters = options.rest or ("packages",)
    match what:
        case "packages" | "package":
            return await _list_packages(call, options.flags, filters[0] if filters else "")
        case "instrumentation":
            return await _list_instrumentation(call, filters[0] if filters else "")
        case "users":
            await call.print("Users:\n\tUserInfo{0:Owner:4c13} running")
            return 0
        case "features":
            await call.print("\n".join(f"feature:{name}" for name in call.device.profile.features))
            return 0
        case _:
            return await call.fail(f"Error: unknown list type '{what}'")


async def _has_feature(call: Invocation, args: tuple[str, ...]) -> int:
    there = bool(args) and args[0] in call.device.profile.features
    await call.print("true" if there else "false")
    return 0 if there else 1


async def _list_packages(call: Invocation, flags: frozenset[str], wanted: str) -> int:
    if "-3" not in flags:
        for name in _SYSTEM_PACKAGES:
            if wanted in name:
                await call.print(f"package:{name}")
    for app in call.device.installed.all():
        if wanted in app.package and "-s" not in flags:
            path = f"{app.code_path}/base.apk=" if "-f" in flags else ""
            uid = f" uid:{app.uid}" if "-U" in flags else ""
            version = f" versionCode:{app.manifest.version_code}" if "--show-versioncode" in flags else ""
            await call.print(f"package:{path}{app.package}{version}{uid}")
    return 0


async def _list_instrumentation(call: Invocation, target: str) -> int:
    for app in call.device.installed.all():
        for runner in app.manifest.instrumentations:
            if target in ("", runner.target):
                await call.print(f"instrumentation:{app.package}/{runner.name} (target={runner.target})")
    return 0


async def _uninstall(call: Invocation, args: tuple[str, ...]) -> int:
    options = split(args, valued=("--user", "--versionCode"))
    package = options.rest[0] if options.rest else ""
    if not call.device.installer.uninstall(package, keep_data="-k" in options.flags):
        await call.print("Failure [DELETE_FAILED_INTERNAL_ERROR]")
        return 1
    await call.print("Success")
    return 0


async def _clear(call: Invocation, args: tuple[str, ...]) -> int:
    package = _package(args)
    if package == AUTOMATION_PACKAGE:
        call.device.instrumentation.stop("clear data")
    done = await call.device.clear_data(package)
    await call.print("Success" if done else "Failed")
    return 0 if done else 1


async def _grant(call: Invocation, args: tuple[str, ...]) -> int:
    return await _change_permission(call, args, "grant")


async def _revoke(call: Invocation, args: tuple[str, ...]) -> int:
    return await _change_permission(call, args, "revoke")


async def _change_permission(call: Invocation, args: tuple[str, ...], verb: str) -> int:
    options = split(args, valued=("--user",))
    if len(options.rest) != 2:
        return await call.fail(f"Error: usage: pm {verb} PACKAGE PERMISSION")
    package, permission = options.rest
    app = call.device.installed.get(package)
    problem = None
    if app is None:
        problem = f"java.lang.IllegalArgumentException: Unknown package: {package}"
    elif permission not in app.manifest.permissions:
        problem = f"java.lang.SecurityException: Package {package} has not requested permission {permission}"
    elif permission in _NOT_CHANGEABLE:
        problem = (
            f"java.lang.SecurityException: Permission {permission} requested by {package} "
            "is not a changeable permission type"
        )
    if app is None or problem is not None:
        await call.complain(f"\nException occurred while executing '{verb}':\n{problem}")
        return THROWN
    (app.granted.add if verb == "grant" else app.granted.discard)(permission)
    return 0


async def _path(call: Invocation, args: tuple[str, ...]) -> int:
    package = _package(args)
    if package in _SYSTEM_PACKAGES:
        await call.print(f"package:/system/framework/{package}.apk")
        return 0
    app = call.device.installed.get(package)
    if app is None:
        return 1
    for path, _ in app.files():
        await call.print(f"package:{path}")
    return 0


async def _dump(call: Invocation, args: tuple[str, ...]) -> int:
    await call.print(package_dump.dump(call.device, _package(args)))
    return 0


async def _resolve_activity(call: Invocation, args: tuple[str, ...]) -> int:
    options = split(args, valued=("--user", "-a", "-c", "-d", "-t", "-n", "-p"))
    package = options.last("-p") or (options.rest[0] if options.rest else "")
    app = call.device.installed.get(package)
    if app is None or app.component is None:
        await call.print("No activity found")
        return 0
    await call.print("priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=true")
    await call.print(app.component)
    return 0


async def _is_ready(call: Invocation, _args: tuple[str, ...]) -> int:
    """`cmd package` without words, and the like: only shows that the service is there."""
    await call.print("Package manager (package) commands:")
    return 0


def _package(args: tuple[str, ...]) -> str:
    rest = split(args, valued=("--user",)).rest
    return rest[0] if rest else ""


_SUBCOMMANDS: Mapping[str, Subcommand] = {
    "clear": _clear,
    "dump": _dump,
    "grant": _grant,
    "has-feature": _has_feature,
    "help": _is_ready,
    "install": package_install.install,
    "install-abandon": package_install.abandon,
    "install-commit": package_install.commit,
    "install-create": package_install.create,
    "install-write": package_install.write,
    "list": _list,
    "path": _path,
    "resolve-activity": _resolve_activity,
    "revoke": _revoke,
    "uninstall": _uninstall,
}


async def package_command(call: Invocation, args: tuple[str, ...]) -> int:
    """Run a subcommand of the package service."""
    return await run_subcommand(call, args, _SUBCOMMANDS)


async def _pm(call: Invocation) -> int:
    return await package_command(call, call.args)


COMMANDS: Commands = {"pm": Command(run=_pm, needs_framework=True)}
