"""What a host has to have for its devices: adb with a server that runs, and the flow runner."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from validator.devices.adb_server import SHARED_PORT
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.ssh import SshConnection
from validator.support.text import one_line

_FIND_SECONDS: Final = 60.0
"""A Java virtual machine on a busy host may take ten to say its version, and adb has to be loaded, too."""
_START_SECONDS: Final = 30.0
_PROTOCOL = re.compile(r"Android Debug Bridge version 1\.0\.(\d+)")
_RELEASE = re.compile(r"^Version (\S+)", re.MULTILINE)
_VERSION = re.compile(r"\d+\.\d+(\.\d+)?[\w.+-]*")

_FIND: Final = """
# $1 adb as configured, $2 the runner as configured, $3 what the runner is called
adb=$1
[ -n "$adb" ] || adb=$(command -v adb)
for root in "$ANDROID_HOME" "$ANDROID_SDK_ROOT" "$HOME/Android/Sdk"; do
  [ -n "$adb" ] || [ ! -x "$root/platform-tools/adb" ] || adb=$root/platform-tools/adb
done
runner=$2
[ -n "$runner" ] || runner=$(command -v "$3")
[ -n "$runner" ] || [ ! -x "$HOME/.maestro/bin/$3" ] || runner=$HOME/.maestro/bin/$3
case $adb in "~/"*) adb=$HOME/${adb#"~/"};; esac
case $runner in "~/"*) runner=$HOME/${runner#"~/"};; esac
export MAESTRO_CLI_NO_ANALYTICS=1 MAESTRO_DISABLE_UPDATE_CHECK=true
printf '%s\\0' "$adb" "$("$adb" version 2>&1)" "$runner" "$("$runner" --version 2>&1 </dev/null | tail -n 5)"
printf '%s\\0' "$ANDROID_ADB_SERVER_PORT"
"""
_START: Final = """
# $1 adb, $2 the server's port
"$1" -P "$2" start-server </dev/null >/dev/null 2>&1; "$1" -P "$2" devices </dev/null 2>&1 | head -n 5
"""
_NOTE: Final = """
# $1 session's folder, $2 serial, $3 adb, $4 the server's port: what there was before us, so that it is left alone
"$3" -P "$4" forward --list </dev/null >"$1/forwards" 2>/dev/null
printf '%s\\n' "$2" "$3" "$4" >"$1/adb"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostTools:
    """The programs of a host."""

    adb: str
    adb_version: str
    adb_protocol: int
    server_port: int
    runner: str
    """Empty when there is none."""
    runner_version: str


def host_tools(connection: SshConnection, *, adb: str, server_port: int, runner: str, kind: str) -> HostTools:
    """Find them.

    Args:
        connection: The host.
        adb: As configured; empty: on the host's PATH, or in its SDK.
        server_port: As configured; 0: as the host's environment says, or adb's own.
        runner: As configured; empty: on the host's PATH.
        kind: What the runner's program is called.

    Raises:
        StageError: `no_device`: there is no adb that works.
        MachineError: The host does not answer.
    """
    answer = connection.ask(_FIND, adb, runner, kind, seconds=_FIND_SECONDS)
    path, said, program, version, port = (*answer.text.split("\0"), "", "", "", "", "")[:5]
    protocol, release = _PROTOCOL.search(said), _RELEASE.search(said)
    if protocol is None:
        found = f"{path} does not work: {one_line(said, 200)}" if path else "there is none on PATH or in an SDK"
        raise StageError(
            Cause.NO_DEVICE,
            f"the host has no adb: {found}",
            where=connection.name,
            remedy=f"install the Android platform tools on the host, or set `hosts.{connection.name}.adb` to its adb",
        )
    shown = _VERSION.search(version)
    return HostTools(
        adb=path,
        adb_version=release[1] if release else f"1.0.{protocol[1]}",
        adb_protocol=int(protocol[1]),
        server_port=server_port or (int(port) if port.isdecimal() else SHARED_PORT),
        runner=program if shown else "",
        runner_version=shown[0] if shown else "",
    )


def require_runner(connection: SshConnection, tools: HostTools, wanted: str) -> None:
    """See that the host has the runner that this run names.

    Args:
        connection: The host.
        tools: What it has.
        wanted: Name and version: `maestro-runner 1.1.27`.

    Raises:
        StageError: `no_device`: it is missing, or is another version.
    """
    kind, _, version = wanted.partition(" ")
    if not tools.runner:
        raise StageError(
            Cause.NO_DEVICE,
            f"the host has no {kind}",
            where=connection.name,
            remedy=f"install {wanted.strip()} on it, or set `hosts.{connection.name}.runner` to its program there",
        )
    if not version:
        raise StageError(
            Cause.NO_DEVICE,
            f"no host had said which {kind} it has when the run began",
            where=connection.name,
            remedy="run again: now it answers",
        )
    if tools.runner_version != version:
        raise StageError(
            Cause.NO_DEVICE,
            f"the host has {kind} {tools.runner_version}, this run uses {version}: what they report could differ",
            where=connection.name,
            remedy="install the same version wherever flows run",
        )


def start_server(connection: SshConnection, tools: HostTools) -> None:
    """See that the host's adb server runs; one that is started stays, for everybody on the host.

    Raises:
        StageError: `no_device`: it does not start.
        MachineError: The host does not answer.
    """
    answer = connection.ask(_START, tools.adb, str(tools.server_port), seconds=_START_SECONDS)
    if "List of devices" not in answer.text:
        raise StageError(
            Cause.NO_DEVICE,
            f"the host's adb server on port {tools.server_port} cannot be started: {one_line(answer.text, 300)}",
            where=connection.name,
            remedy="see that adb works in a shell on the host, and that nothing else listens on that port",
        )


def note_forwards(connection: SshConnection, folder: str, serial: str, tools: HostTools) -> None:
    """Write down on the host what the device's forwards are, so that those that come can be removed.

    Raises:
        MachineError: The host does not answer.
    """
    connection.ask(_NOTE, folder, serial, tools.adb, str(tools.server_port), seconds=_START_SECONDS)
