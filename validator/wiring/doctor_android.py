"""Android's own tools: adb and its server, the SDK, the emulator and its ports."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from validator.devices.adb import Adb
from validator.devices.adb_binary import AdbBinary, locate_adb
from validator.model.device import AdbAddress
from validator.model.errors import ValidatorError
from validator.wiring.doctor_check import Check, unwell, well

_CONSOLE_PORTS: Final = range(5554, 5683, 2)
"""Of emulators; each takes the next one, too (developer.android.com/studio/run/emulator-commandline, -port)."""
_CONNECT_SECONDS: Final = 2.0


def adb_server(binary: AdbBinary, port: int) -> Check:
    """Who listens where the adb server should be. Two versions of adb restart one another's server and drop devices."""
    name = "adb server"
    if not is_taken(port):
        return well(name, f"none on port {port} yet; it is started when it is needed")
    try:
        version = Adb(AdbAddress(path=binary.path, server_port=port)).server_version()
    except (ValidatorError, ValueError):
        remedy = "end what listens there, or set adb.server_port to another port"
        return unwell(name, f"port {port} is taken by something that is no adb server", remedy)
    if version != binary.protocol:
        found = f"the server on port {port} speaks version {version}, {binary.path} speaks {binary.protocol}"
        remedy = "use one adb for everything on this port: set adb.path to that of the server, or adb.server_port apart"
        return unwell(name, found, remedy)
    return well(name, f"runs on port {port}, version {version}")


def other_adbs(binary: AdbBinary) -> Check:
    """Other adb programs here whose version would restart the server of ours."""
    apart = [f"{each.path} ({each.version})" for each in _installed(binary) if each.protocol != binary.protocol]
    if apart:
        remedy = "let Android Studio, scripts and this program use one adb, or set adb.server_port to a port of our own"
        return unwell("adb versions", f"another version: {', '.join(apart)}", remedy, needed=False)
    return well("adb versions", "no other version is installed")


def _installed(ours: AdbBinary) -> Iterator[AdbBinary]:
    roots = [Path(folder, "platform-tools") for folder in _sdk_roots()]
    folders = [*map(Path, os.environ.get("PATH", "").split(os.pathsep)), *roots]
    known = {Path(ours.path).resolve()}
    for folder in folders:
        found = shutil.which("adb", path=str(folder)) if str(folder) else None
        if found is None or Path(found).resolve() in known:
            continue
        known.add(Path(found).resolve())
        try:
            yield locate_adb(found, os.environ)
        except ValidatorError:
            continue  # it cannot start a server either


def build_tools() -> Iterator[Check]:
    """The tools that verify an APK where they are installed."""
    for name in ("aapt2", "apksigner"):
        found = shutil.which(name) or _build_tool(name)
        remedy = f"only needed to verify the APK with Android's own {name}: install the SDK's build-tools"
        yield well(name, found) if found else unwell(name, "not installed", remedy, needed=False)


def _build_tool(name: str) -> str:
    found = [str(path) for root in _sdk_roots() for path in Path(root, "build-tools").glob(f"*/{name}")]
    return max(found, default="")


def _sdk_roots() -> tuple[str, ...]:
    return tuple(root for name in ("ANDROID_HOME", "ANDROID_SDK_ROOT") if (root := os.environ.get(name)))


def console_ports(emulators: int) -> Check:
    """Whether there are pairs of ports for so many emulators more."""
    free = sum(not is_taken(port) and not is_taken(port + 1) for port in _CONSOLE_PORTS)
    words = f"{free} of {len(_CONSOLE_PORTS)} pairs are free"
    if free >= emulators:
        return well("ports", words)
    return unwell("ports", f"{words}, {emulators} are needed", "shut down other emulators: `adb devices` lists them")


def is_taken(port: int) -> bool:
    """Whether anything listens on a port of this machine."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_CONNECT_SECONDS):
            return True
    except OSError:
        return False
