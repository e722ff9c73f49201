"""Which adb program is used, and what it says about itself."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass

from validator.devices.adb import bundled_adb
from validator.model.errors import UsageError
from validator.support.process import ProgramMissingError, run
from validator.support.stop import Stop

_PROTOCOL = re.compile(r"^Android Debug Bridge version 1\.0\.(\d+)", re.MULTILINE)
_RELEASE = re.compile(r"^Version (\S+)", re.MULTILINE)
_VERSION_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AdbBinary:
    """An adb program that runs here."""

    path: str
    version: str
    """The release of the platform tools, such as `36.0.0-13206524`; `1.0.41` where it names none."""
    protocol: int
    """The last part of `1.0.41`. A client restarts every server whose number differs from its own."""
    origin: str
    """How it was found: `configuration`, `ADBUTILS_ADB_PATH`, `PATH` or `adbutils`."""


def locate_adb(configured: str | None, environ: Mapping[str, str]) -> AdbBinary:
    """The adb program to use: the configured one, else $ADBUTILS_ADB_PATH, else the one on PATH, else adbutils' own.

    The first that is named counts; one that does not work is an error, not a reason to take another.

    Raises:
        UsageError: There is none, or it cannot be started, or it does not say its version.
    """
    path, origin = _choose(configured, environ)
    output = _ask_version(path, origin, environ)
    protocol, release = _PROTOCOL.search(output), _RELEASE.search(output)
    if protocol is None:
        raise UsageError(
            f"adb at {path} (from {origin}) does not say its version; it said: {output.strip()[:200] or 'nothing'}",
            remedy="set adb.path in the configuration to an adb of the Android platform tools",
        )
    version = release[1] if release else f"1.0.{protocol[1]}"
    return AdbBinary(path=path, version=version, protocol=int(protocol[1]), origin=origin)


def _choose(configured: str | None, environ: Mapping[str, str]) -> tuple[str, str]:
    if configured:
        return os.path.abspath(os.path.expanduser(configured)), "configuration"  # noqa: PTH100, PTH111 - must not resolve links
    if named := environ.get("ADBUTILS_ADB_PATH"):
        return shutil.which(named, path=environ.get("PATH")) or named, "ADBUTILS_ADB_PATH"
    if found := shutil.which("adb", path=environ.get("PATH", os.defpath)):
        return found, "PATH"
    if bundled := bundled_adb():
        return bundled, "adbutils"
    raise UsageError(
        "there is no adb", remedy="install the Android platform tools, or set adb.path in the configuration"
    )


def _ask_version(path: str, origin: str, environ: Mapping[str, str]) -> str:
    try:
        done = run([path, "version"], deadline=_VERSION_SECONDS, stop=Stop(), env=environ)
    except ProgramMissingError as error:
        raise UsageError(
            f"adb at {path} (from {origin}) cannot be used: {error.what}",
            remedy="correct adb.path in the configuration, ADBUTILS_ADB_PATH or PATH",
        ) from error
    return "\n".join(done.tail)
